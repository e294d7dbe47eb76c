import { inspectMachine, isAtLeast } from './machine.js';

describe('machine', () => {
  it.each([
    ['v20.19.0', true],
    ['v20.20.2', true],
    ['v22.1.0', true],
    ['v20.9.0', false],
    ['v18.20.0', false],
    ['v21.0.0-nightly', true],
  ])('takes Node %s for %p', (version, ok) => {
    expect(isAtLeast(version, '20.19')).toBe(ok);
    expect(inspectMachine(version).node.ok).toBe(ok);
  });

  it('asks for the Node that package.json asks for', () => {
    const { engines } = jest.requireActual<{ engines: { node: string } }>('../package.json');
    expect(engines.node).toBe(`>=${inspectMachine().node.needed}`);
  });
});
