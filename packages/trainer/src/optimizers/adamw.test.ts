import type { Optimizer } from '@hastejs/plugin-api';
import { StepClock, tf } from '@hastejs/tensor';
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { adamw, learningRate } from './adamw.js';

const options = (given: object = {}) => adamw.options.parse(given);

it('keeps the learning rate constant unless told otherwise, as the paper trains', () => {
  expect([0, 1, 99_999].map((step) => learningRate(options(), step))).toEqual([1e-4, 1e-4, 1e-4]);
});

it('warms up linearly and decays by a cosine', () => {
  const given = options({ lr: 1, warmup: 4, decay: { from: 4, until: 8, to: 0.5 } });
  const rates = [0, 1, 2, 3, 4, 6, 8, 20].map((step) => learningRate(given, step));
  expect(rates.map((rate) => Number(rate.toFixed(6)))).toEqual([0.25, 0.5, 0.75, 1, 1, 0.75, 0.5, 0.5]);
});

it('refuses options out of range and unknown keys', () => {
  expect(() => options({ lr: -1 })).toThrow();
  expect(() => options({ betas: [0.9, 1] })).toThrow();
  expect(() => options({ learningRate: 1 })).toThrow(/learningRate/);
  expect(() => options({ decay: { from: 5, until: 5 } })).toThrow(/until/);
});

describeEachBackend('adamw', () => {
  it('leaves parameters without a gradient alone, weight decay included', () => {
    expectNoLeaks(() => {
      const optimizer = adamw.create(options({ lr: 0.1, weightDecay: 0.5 }), {}) as Optimizer;
      const params = { still: tf.tensor1d([1]), moved: tf.tensor1d([1]) };
      const state = optimizer.init(params);
      const grads = { moved: tf.tensor1d([2]) };
      const clock = new StepClock(0);
      const next = optimizer.update({ params, grads, state, clock });
      clock.dispose();
      expect(next.params.still!.dataSync()[0]).toBe(1);
      // Decoupled decay, then one bias-corrected step of size lr: 1·(1 − 0.05) − 0.1.
      expect(next.params.moved!.dataSync()[0]).toBeCloseTo(0.85, 6);
      return [grads, next.params, ...Object.values(next.state)];
    });
  });
});
