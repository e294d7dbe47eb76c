import { type Optimizer, defineOptimizer } from '@hastejs/plugin-api';
import { type Params, type Tensor, adamwUpdate, tf } from '@hastejs/tensor';
import { z } from 'zod';

const options = z.strictObject({
  lr: z.number().positive().default(1e-4).describe('Learning rate'),
  betas: z
    .tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)])
    .default([0.9, 0.999])
    .describe('Decay of the moments'),
  eps: z.number().positive().default(1e-8).describe('Added to the root of the second moment'),
  weightDecay: z.number().min(0).default(0).describe('Decoupled weight decay'),
  warmup: z.number().int().min(0).default(0).describe('Steps over which the learning rate rises linearly from 0'),
  decay: z
    .strictObject({
      until: z.number().int().positive().describe('Step at which the learning rate has fallen to `to`'),
      from: z.number().int().min(0).default(0).describe('Step at which it begins to fall'),
      to: z.number().min(0).default(0).describe('Factor on lr at the end'),
    })
    .refine(({ from, until }) => from < until, { path: ['until'], message: '`until` must be after `from`' })
    .optional()
    .describe('Cosine decay of the learning rate; absent: constant, as the paper trains'),
});
type AdamWOptions = z.output<typeof options>;

/** AdamW (METHOD section 5): moments by parameter name, bias correction from the step's number. */
export const adamw = defineOptimizer({
  id: 'optimizer/adamw',
  summary: 'AdamW with decoupled weight decay; constant learning rate unless warm-up or decay is given.',
  options,
  create: (given): Optimizer => ({
    repeatable: true,
    init: (params) => ({ m: zerosLike(params), v: zerosLike(params) }),
    update: ({ params, grads, state, clock }) => {
      const { betas, eps, weightDecay } = given;
      const rates = { beta1: betas[0], beta2: betas[1], eps, weightDecay };
      const lr = clock.scalar((step) => learningRate(given, step));
      const count = clock.scalar((step) => step + 1);
      const next = adamwUpdate({ params, grads, m: state.m!, v: state.v!, lr, count, ...rates });
      return { params: next.params, state: { m: next.m, v: next.v } };
    },
  }),
});

/** The learning rate of a 0-based step: linear warm-up, then constant or cosine. */
export function learningRate({ lr, warmup, decay }: AdamWOptions, step: number): number {
  const rise = warmup === 0 ? 1 : Math.min(1, (step + 1) / warmup);
  if (!decay) return lr * rise;
  const progress = Math.min(1, Math.max(0, (step - decay.from) / (decay.until - decay.from)));
  return lr * rise * (decay.to + (1 - decay.to) * 0.5 * (1 + Math.cos(Math.PI * progress)));
}

function zerosLike(params: Params): Params {
  return Object.fromEntries(
    Object.entries(params).map(([name, tensor]): [string, Tensor] => [name, tf.zerosLike(tensor)]),
  );
}
