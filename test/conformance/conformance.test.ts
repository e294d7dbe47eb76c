import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { whereItRuns } from '#support/backends.js';

const run = promisify(execFile);
const command = [process.execPath, 'test/conformance/run.mjs'] as const;

/** Runs the command, which must succeed; tells what it printed. */
async function conformance(...args: string[]): Promise<string> {
  const { stdout } = await run(command[0], [command[1], ...args], { timeout: 170_000 });
  return stdout;
}

/** A process of its own, in the files that are shipped: the suite takes over the engine. */
describe("TensorFlow.js' own op tests", () => {
  // The cpu backend is the one they were written on: what fails there is a fault of the harness.
  describe.each(['cpu', 'torch'] as const)('%s', (backend) => {
    whereItRuns(backend, () => {
      it('pass but for the exclusions', async () => {
        const counts = /(\d+) passed, 0 failed/.exec(await conformance('--backend', backend));
        expect(Number(counts?.[1])).toBeGreaterThan(4200);
      }, 180_000);
    });
  });

  it('can be chosen by name', async () => {
    const printed = await conformance('--backend', 'cpu', '--grep', '^floorDiv ');
    expect(Number(/^(\d+) specs/m.exec(printed)?.[1])).toBeLessThan(30);
  }, 60_000);

  it('refuse a backend that is not there', async () => {
    await expect(conformance('--backend', 'abacus')).rejects.toMatchObject({ code: 2 });
  });

  it('fail where nothing was tested', async () => {
    await expect(conformance('--backend', 'cpu', '--grep', 'no such spec')).rejects.toMatchObject({ code: 1 });
  }, 60_000);
});
