import { KINDS } from '@hastejs/plugin-api';
import { samples } from '#support/samples.js';
import { contractFaults } from './contract.js';

const made = Object.fromEntries(
  samples.extensions.map(({ kind, create }) => [
    kind,
    create({} as never, {} as never) as unknown as Record<string, unknown>,
  ]),
);

it.each(KINDS)('accepts a %s that fulfils its contract', (kind) =>
  expect(contractFaults(kind, made[kind])).toEqual([]),
);

it.each(KINDS)('misses every required member of a %s', (kind) => {
  const members = contractFaults(kind, {}).map((fault) => fault.split(':')[0]!);
  expect(members.length).toBeGreaterThan(0);
  for (const member of members) {
    const { [member]: _without, ...rest } = made[kind]!;
    expect(contractFaults(kind, rest)).toEqual([
      expect.stringMatching(new RegExp(`^${member}: expected .*, got undefined$`)),
    ]);
  }
});

it('looks at values, not only at presence', () => {
  expect(contractFaults('alignmentLoss', { reads: 'pixels', loss: () => 0 })).toEqual([
    `reads: expected 'tokens' or 'attention' or 'student', got string "pixels"`,
  ]);
  expect(contractFaults('metric', { ...made['metric'], every: 0, names: ['a', 3] })).toEqual([
    'names: expected a list of texts, got list',
    'every: expected a whole number above 0, got number 0',
  ]);
});

it('accepts instances of classes, with methods on the prototype', () => {
  class Sampler {
    sample(): void {}
  }
  expect(contractFaults('sampler', new Sampler())).toEqual([]);
});

it.each([[undefined], [null], ['text']])('refuses %p for any kind', (value) => {
  expect(contractFaults('teacher', value)).toEqual([expect.stringMatching(/^expected an object, got/)]);
});
