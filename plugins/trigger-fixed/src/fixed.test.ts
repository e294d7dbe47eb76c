import type { Observation, TerminationTrigger } from '@hastejs/plugin-api';
import type { z } from 'zod';
import { PUBLISHED_STOPS, fixed } from './index.js';

const create = (options: z.output<typeof fixed.options>) => fixed.create(options, {}) as TerminationTrigger;
const at = (facts: Partial<Observation>): Observation => ({ step: 0, epoch: 0, imagesSeen: 0, metrics: {}, ...facts });

/** The number of steps that align: how often the answer before a step is to go on. */
function alignedSteps(trigger: TerminationTrigger, facts: (step: number) => Partial<Observation>): number {
  for (let step = 0; ; step++) if (trigger.decide(null, at({ step, ...facts(step) })).stop) return step;
}

describe('trigger/fixed', () => {
  it.each([0, 1, 7])('aligns for exactly %i steps', (step) => {
    expect(alignedSteps(create({ step }), () => ({}))).toBe(step);
  });

  it('stops at the first boundary at or after an epoch or a number of images', () => {
    expect(alignedSteps(create({ epoch: 1.5 }), (step) => ({ epoch: step / 10 }))).toBe(15);
    expect(alignedSteps(create({ images: 1000 }), (step) => ({ imagesSeen: step * 256 }))).toBe(4);
  });

  it('gives a reason with the number and the unit', () => {
    const stop = (options: z.output<typeof fixed.options>) =>
      create(options).decide(null, at({ step: 1e6, epoch: 1e6, imagesSeen: 1e9 })).stop;
    expect(stop({ step: PUBLISHED_STOPS['SiT-XL/2'] })).toBe('step 250,000 is reached, where alignment was set to end');
    expect(stop({ epoch: 2.5 })).toBe('epoch 2.5 is reached, where alignment was set to end');
  });

  it.each([{}, { step: 1, epoch: 1 }, { step: 1.5 }, { step: -1 }, { images: -1 }, { epoch: Infinity }, { steps: 3 }])(
    'refuses %p',
    (options) => {
      expect(fixed.options.safeParse(options).success).toBe(false);
    },
  );

  it('has state that survives JSON and needs no metric', () => {
    const trigger = create({ step: 2 });
    const state = JSON.parse(JSON.stringify(trigger.init()));
    expect(trigger.decide(state, at({ step: 1 }))).toEqual({ state: null });
    expect(trigger.watches).toEqual([]);
  });
});
