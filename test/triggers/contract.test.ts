import type { Host } from '@hastejs/core';
import {
  after,
  allOf,
  anyOf,
  atMost,
  builtins,
  fixed,
  gradientConflict,
  plateau,
  ramp,
  residual,
  score,
} from '@hastejs/haste';
import type { Ref } from '@hastejs/plugin-api';
import { toyHost, toyRecipe } from '#support/toy-run.js';
import { expectTriggerContract } from '#support/trigger-contract.js';

const metric = 'align/feature';
/** Each built-in trigger with options that let it fire on the contract's values. */
const TRIGGERS: Readonly<Record<string, Ref<'trigger'>>> = {
  'trigger/fixed': fixed({ epoch: 2.5 }),
  'trigger/plateau': plateau({ metric, window: 20 }),
  'trigger/gradient-angle': gradientConflict({ block: 0, patience: 2 }),
  'trigger/residual': residual({ fast: 10, slow: 60 }),
  'trigger/metric': score({ metric, patience: 50 }),
  'trigger/after': after(30, plateau({ metric, window: 20 })),
  'trigger/at-most': atMost(100, plateau({ metric, window: 400 })),
  'trigger/any-of': anyOf(fixed({ step: 300 }), residual({ fast: 10, slow: 60 })),
  'trigger/all-of': allOf(fixed({ step: 300 }), ramp(residual({ fast: 10, slow: 60 }), { steps: 5 })),
  'trigger/ramp': ramp(score({ metric, patience: 50 }), { steps: 40, shape: 'linear' }),
};

let host: Host;
beforeAll(async () => {
  host = await toyHost();
});
afterAll(() => host.close());

it('is held against every trigger there is', () => {
  const ids = builtins.flatMap(({ extensions }) =>
    extensions.filter(({ kind }) => kind === 'trigger').map(({ id }) => id),
  );
  expect(Object.keys(TRIGGERS).sort()).toEqual(ids.sort());
});

it.each(Object.entries(TRIGGERS))('%s keeps its contract', async (_id, ref) => {
  const run = host.openRun(host.resolve(toyRecipe()), '.');
  const fired = await expectTriggerContract(async () => run.create(run.resolve(ref)));
  expect(fired).toBeGreaterThan(0);
  expect(fired).toBeLessThan(1000);
  await run.close();
});

it.each([
  ['remembers outside its state', () => { let n = 0; return { watches: [], init: () => 0, decide: (state: number) => (++n > 5 ? { state, stop: 'at 5' } : { state }) }; }], // prettier-ignore
  ['changes the state it is given', () => ({ watches: [], init: () => ({ n: 0 }), decide: (state: { n: number }) => { state.n++; return { state }; } })], // prettier-ignore
  ['keeps all it saw', () => ({ watches: [], init: () => [], decide: (state: number[], { step }: { step: number }) => ({ state: [...state, step], ...(step > 900 && { stop: 'at 900' }) }) })], // prettier-ignore
  ['never fires', () => ({ watches: [], init: () => 0, decide: (state: number) => ({ state }) })],
])('turns red on a trigger that %s', async (_name, make) => {
  await expect(expectTriggerContract(async () => make() as never)).rejects.toThrow();
});
