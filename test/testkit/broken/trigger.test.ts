import { type Json, type Observation, type TerminationTrigger, defineTrigger } from '@hastejs/plugin-api';
import { triggerContract } from '@hastejs/testkit';
import { z } from 'zod';
import { type BrokenTable, expectCaught } from './expect-caught.js';

type Decide = (state: never, observation: Observation) => unknown;

/** A trigger that keeps its state, with something broken. */
const broken = (
  name: string,
  change: Partial<Omit<TerminationTrigger, 'decide' | 'init'>> & { decide?: Decide; init?: () => unknown },
  contractCase: Parameters<typeof triggerContract>[1] = {},
) =>
  triggerContract(
    defineTrigger({
      id: `broken/${name}`,
      summary: 'Broken on purpose.',
      options: z.strictObject({}),
      create: () => {
        const good = { watches: [], init: () => ({ n: 0 }), decide: (state: Json) => ({ state }) };
        return { ...good, ...change } as unknown as TerminationTrigger;
      },
    }),
    contractCase as never,
  );
let calls = 0;
/** Stops at a step, in the words given. */
const stopping =
  (stop: unknown): Decide =>
  (state, { step }) =>
    step < 9 ? { state } : { state, stop };

const TABLE: BrokenTable<'trigger'> = {
  'begins with a state of plain JSON, always the same': [
    [broken('infinity', { init: () => ({ best: Infinity }) }), 'The state { best: Infinity } is not what JSON makes of it ({"best":null}).'], // prettier-ignore
    [broken('counting', { init: () => calls++ }), /^init\(\) gave \d+, then \d+\.$/],
  ],
  'keeps a state that survives JSON and stays small': [
    [broken('map', { decide: () => ({ state: { seen: new Map([[1, 2]]) } }) as never }), 'The state { seen: Map(1) { 1 => 2 } } is not what JSON makes of it ({"seen":{}}).'], // prettier-ignore
    [broken('nan', { decide: (_state, { step }) => ({ state: { mean: step === 3 ? NaN : 1 } }) }), 'The state { mean: NaN } is not what JSON makes of it ({"mean":null}).'], // prettier-ignore
    [broken('hoarding', { init: () => [], decide: (state: readonly number[], { step }) => ({ state: [...state, step / 7] }) }), /^At step \d+ its state is 10\d+ characters of JSON, and grows\.$/], // prettier-ignore
  ],
  'decides the same when it is asked the same': [
    [broken('closure', { decide: (state) => ({ state, weight: (calls++ % 7) / 7 }) }), /^At step 0 it decided \{"state":\{"n":0\},"weight":[\d.]+\}, and asked again \{"state":\{"n":0\},"weight":[\d.]+\}\.$/], // prettier-ignore
  ],
  'leaves alone what it is given': [
    [broken('writing', { decide: (state: { n: number }) => { state.n++; return { state }; } }), /^It writes into what it is given: Cannot assign to read only property 'n'/], // prettier-ignore
    [broken('taking', { watches: ['loss/total'], decide: (state, { metrics }) => { delete (metrics as Record<string, number>)['loss/total']; return { state }; } }), /^It writes into what it is given: Cannot delete property/], // prettier-ignore
  ],
  'asks neither the clock nor chance': [
    [broken('hourly', { decide: (state) => (Date.now() < 0 ? { state, stop: 'It is late, 9 hours.' } : { state }) }), 'It calls Date.now().'], // prettier-ignore
    [broken('dicing', { decide: (state) => ({ state, weight: Math.random() < 2 && new Date().getTime() > 0 ? 1 : 0 }) }), 'It calls Math.random(), new Date().'], // prettier-ignore
  ],
  'watches what it looks at, and nothing else': [
    [broken('secret', { decide: (state, { metrics }) => ({ state, weight: metrics['align/feature'] === 9 ? 0 : 1 }) }), 'It looks at align/feature and watches nothing.'], // prettier-ignore
    [broken('idle', { watches: ['metric/frechet'] }), 'It watches metric/frechet and never looks at it in 1000 steps.'],
  ],
  'names the metrics that it brings as references': [
    [broken('by-name', { measures: ['metric/gradient-angle'] as never }), 'It measures ["metric/gradient-angle"].'],
  ],
  'decides in words and numbers that mean something': [
    [broken('promise', { decide: async (state) => ({ state }) }), 'It answers with a promise.'],
    [broken('stateless', { decide: () => ({}) }), 'At step 0 it gave {}, without a state.'],
    [broken('heavy', { decide: (state) => ({ state, weight: 1.5 }) }), 'At step 0 its weight is 1.5.'],
    [broken('nan-weight', { decide: (state) => ({ state, weight: NaN }) }), 'At step 0 its weight is NaN.'],
    [broken('true', { decide: stopping(true) }), 'At step 9 it stops with true.'],
    [
      broken('garbled', { decide: stopping('The value is undefined.') }),
      'At step 9 it stops with "The value is undefined.".',
    ],
  ],
  'stops where the case says': [
    [
      broken('late', { decide: stopping('Nine steps are over.') }, { stopsAt: 5 }),
      'It stopped at step 9, and the case says step 5.',
    ],
    [broken('never', {}, { stopsAt: 5, steps: 20 }), 'It did not stop in 20 steps, and the case says step 5.'],
    [broken('at-all', { decide: stopping('Nine steps are over.') }, { stopsAt: null }), 'It stopped at step 9, and the case says that it does not stop.'], // prettier-ignore
  ],
};

describe('a broken trigger is caught', () => expectCaught(TABLE));
