import { type Optimizer, type OptimizerUpdate, defineOptimizer } from '@hastejs/plugin-api';
import { type Scalar, type Tensor, tf } from '@hastejs/tensor';
import { z } from 'zod';

const rate = z.number().min(0).lt(1);
const options = z.strictObject({
  lr: z.number().positive().default(3e-5).describe("Size of every step; a third to a tenth of AdamW's."),
  betas: z
    .tuple([rate, rate])
    .default([0.9, 0.99])
    .describe('Share of the moment in the direction of a step, and in the next moment.'),
  weightDecay: z.number().min(0).default(0).describe('Decoupled weight decay.'),
  warmup: z.int().min(0).default(0).describe('Steps over which the learning rate rises linearly from 0.'),
});

/**
 * Lion (Chen et al., arXiv 2302.06675, algorithm 2): every weight moves by the learning rate, in the direction of the sign
 * of β₁·m + (1 − β₁)·g. One moment instead of Adam's two.
 */
export const templateExport = defineOptimizer({
  id: 'optimizer/template-id',
  summary: 'Lion: steps of equal size in the direction of a sign, one moment.',
  options,
  create: ({ lr, betas, weightDecay, warmup }): Optimizer => ({
    // Numbers that change with the step come from the clock, so that a backend may repeat recorded steps.
    repeatable: true,
    init: (params) => ({ m: mapped(params, (_, tensor) => tf.zerosLike(tensor)) }),
    update: ({ params, grads, state, clock }: OptimizerUpdate) => {
      const now = clock.scalar((step) => (warmup === 0 ? lr : lr * Math.min(1, (step + 1) / warmup)));
      const moments = state['m']!;
      const next = mapped(grads, (name, grad) =>
        lionStep(params[name]!, grad, moments[name]!, now, betas, weightDecay),
      );
      // What has a gradient is consumed; all else stays as it is.
      tf.dispose(Object.keys(grads).flatMap((name) => [params[name]!, moments[name]!]));
      return {
        params: { ...params, ...mapped(next, (_, { param }) => param) },
        state: { m: { ...moments, ...mapped(next, (_, { m }) => m) } },
      };
    },
  }),
});

type Step = { param: Tensor; m: Tensor };

function lionStep(
  param: Tensor,
  grad: Tensor,
  m: Tensor,
  lr: Scalar,
  [beta1, beta2]: readonly [number, number],
  weightDecay: number,
): Step {
  return tf.tidy(() => {
    const direction = tf.sign(mix(m, grad, beta1));
    const decayed = weightDecay === 0 ? direction : tf.add(direction, tf.mul(param, weightDecay));
    return { param: tf.sub(param, tf.mul(decayed, lr)), m: mix(m, grad, beta2) };
  });
}

/** β·a + (1 − β)·b */
const mix = (a: Tensor, b: Tensor, beta: number): Tensor => tf.add(tf.mul(a, beta), tf.mul(b, 1 - beta));

function mapped<T, R>(values: Readonly<Record<string, T>>, make: (name: string, value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, make(name, value)]));
}
