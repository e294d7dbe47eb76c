import type { Json, TerminationTrigger } from '@hastejs/plugin-api';
import { gradientConflict } from './index.js';

const VALUE = 'metric/gradient_angle/alignment';
type Options = Partial<Parameters<typeof gradientConflict>[0]>;
const create = (options: Options = {}) =>
  gradientConflict.create(gradientConflict.options.parse({ block: 4, ...options }), {}) as TerminationTrigger;

/** Which of the measurements makes it fire; steps in between bring none. */
function firesAt(trigger: TerminationTrigger, means: readonly number[], error = 0.01) {
  let state = trigger.init();
  for (const [index, mean] of means.entries()) {
    for (const metrics of [{}, { [VALUE]: mean, [`${VALUE}/error`]: error }]) {
      const passed = Object.freeze(JSON.parse(JSON.stringify(state))) as Json;
      const decision = trigger.decide(passed, { step: index, epoch: 0, imagesSeen: 0, metrics });
      if (decision.stop !== undefined) return { index, reason: decision.stop };
      state = decision.state;
    }
  }
  return null;
}

describe('trigger/gradient-angle', () => {
  it('asks for the measurement of the paper: block, times, images and schedule', () => {
    expect(create().measures).toEqual([
      {
        kind: 'metric',
        id: 'metric/gradient-angle',
        with: {
          every: 10_000,
          terms: ['alignment'],
          blocks: [4],
          times: [0.02, 0.1, 0.5, 0.8],
          images: 2048,
          name: 'gradient_angle',
        },
      },
    ]);
    expect(create().watches).toEqual([VALUE, `${VALUE}/error`]);
    expect(create({ name: 'deep' }).watches[0]).toBe('metric/deep/alignment');
  });

  it('fires when the mean is below the threshold, as the run of the paper did', () => {
    expect(firesAt(create(), [0.07, 0.02, -0.03, -0.06])?.index).toBe(3);
    expect(firesAt(create(), [0.07, -0.05])).toBeNull();
    expect(firesAt(create({ threshold: 0 }), [0.07, 0.02, -0.001])?.index).toBe(2);
  });

  it('waits for its patience, in a row', () => {
    expect(firesAt(create({ patience: 2 }), [-0.06, 0, -0.06, -0.1])?.index).toBe(3);
    expect(firesAt(create({ patience: 3 }), [-0.06, -0.06, 0, -0.06, -0.06])).toBeNull();
  });

  it('can ask for certainty in standard errors', () => {
    expect(firesAt(create({ sure: 2 }), [-0.06, -0.07, -0.08], 0.01)?.index).toBe(2);
    expect(firesAt(create({ sure: 2 }), [-0.06, -0.07, -0.08], 0.1)).toBeNull();
  });

  it('counts only what was measured, and keeps its patience meanwhile', () => {
    expect(firesAt(create({ patience: 2 }), [-0.06, NaN, -0.06])?.index).toBe(2);
  });

  it('says what it saw', () => {
    expect(firesAt(create(), [-0.0613], 0.0042)?.reason).toBe(
      'the gradients of alignment and denoising at block 4 point against each other: ' +
        'cosine -0.0613 ± 0.0042, below -0.05',
    );
  });

  it.each([{ block: -1 }, { times: [0.5] }, { times: [0, 1] }, { threshold: -2 }, { patience: 0 }, { name: 'a/b' }])(
    'refuses %p',
    (wrong) => {
      expect(gradientConflict.options.safeParse({ block: 4, ...wrong }).success).toBe(false);
    },
  );
});
