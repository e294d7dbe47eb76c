import type { Json, TerminationTrigger } from '@hastejs/plugin-api';
import { score } from './index.js';

const METRIC = 'metric/fid';
type Options = Partial<Parameters<typeof score>[0]>;
const create = (options: Options = {}) =>
  score.create(score.options.parse({ metric: METRIC, ...options }), {}) as TerminationTrigger;

/** Scores come every 100 steps, and other steps bring none. */
function firesAt(trigger: TerminationTrigger, scores: readonly number[], pass = (s: Json) => s) {
  let state = trigger.init();
  for (let step = 1; step <= 100 * scores.length; step++) {
    const metrics = step % 100 === 0 ? { [METRIC]: scores[step / 100 - 1]! } : {};
    const decision = trigger.decide(pass(state), { step, epoch: 0, imagesSeen: 0, metrics });
    if (decision.stop !== undefined) return { step, reason: decision.stop };
    state = decision.state;
  }
  return null;
}

describe('trigger/metric', () => {
  it('fires after as many scores in a row as it has patience for, none of them better than the best', () => {
    expect(firesAt(create({ patience: 2 }), [50, 40, 30, 31, 29, 29.5, 30, 28])?.step).toBe(700);
    expect(firesAt(create({ patience: 3 }), [50, 40, 30, 31, 29, 29.5, 30, 28])).toBeNull();
  });

  it('counts an improvement only beyond minGain of the best, and so adds up slow progress', () => {
    const slow = [100, 99.5, 99.1, 98.9, 98.8, 98.7];
    expect(firesAt(create({ patience: 3 }), slow)).toBeNull();
    expect(firesAt(create({ patience: 3, minGain: 0.02 }), slow)?.step).toBe(400);
    expect(firesAt(create({ patience: 1, minGain: 0 }), [3, 2, 1, 1])?.step).toBe(400);
  });

  it('reads a rising score the other way', () => {
    expect(firesAt(create({ patience: 1, better: 'higher' }), [1, 2, 3, 2.9])?.step).toBe(400);
    expect(firesAt(create({ patience: 1, better: 'higher' }), [-3, -2, -1])).toBeNull();
  });

  it('takes no score of the warm-up, and none that is not finite', () => {
    expect(firesAt(create({ patience: 1, warmUp: 100 }), [1, 9, 8, 8])?.step).toBe(400);
    expect(firesAt(create({ patience: 1 }), [9, NaN, Infinity, 8])).toBeNull();
  });

  it('says what it saw, is pure, and its state survives JSON', () => {
    const scores = [50, 40, 41, 42];
    const frozen = (state: Json) => Object.freeze(JSON.parse(JSON.stringify(state))) as Json;
    expect(firesAt(create({ patience: 2 }), scores, frozen)).toEqual({
      step: 400,
      reason: 'the last 2 scores of metric/fid did not improve on 40.000 of step 200 by 1.0%: 42.000 now',
    });
    expect(create().watches).toEqual([METRIC]);
  });

  it.each([{ metric: '' }, { patience: 0 }, { minGain: -1 }, { minGain: 1 }, { better: 'up' }, { window: 3 }])(
    'refuses %p',
    (wrong) => {
      expect(score.options.safeParse({ metric: METRIC, ...wrong }).success).toBe(false);
    },
  );
});
