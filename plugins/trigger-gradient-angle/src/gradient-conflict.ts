import { type MetricRef, type TerminationTrigger, defineTrigger } from '@hastejs/plugin-api';
import { z } from 'zod';

const options = z.strictObject({
  block: z.int().nonnegative().describe('Student block, from 0, whose parameters count. Paper: 4 of SiT-B.'),
  every: z.int().positive().default(10_000).describe('Steps between measurements.'),
  times: z
    .array(z.number().gt(0).lt(1))
    .min(2)
    .default([0.02, 0.1, 0.5, 0.8])
    .describe('Diffusion times at which both gradients are taken.'),
  images: z.int().positive().default(2048).describe('Size of the probe set.'),
  threshold: z.number().min(-1).max(1).default(-0.05).describe('The mean cosine that is obtuse enough.'),
  patience: z.int().positive().default(1).describe('Measurements in a row below the threshold before it ends.'),
  sure: z
    .number()
    .nonnegative()
    .default(0)
    .describe('Standard errors by which the mean must be below the threshold; 0 judges the mean alone.'),
  name: z
    .string()
    .regex(/^[\w-]+$/)
    .default('gradient_angle')
    .describe('Names the metric: `metric/<name>/alignment`.'),
});
type Options = z.output<typeof options>;

/** Measurements in a row below the threshold. */
type State = { readonly below: number };

/**
 * Ends alignment when it has begun to work against denoising: the paper's own analysis made a trigger (HASTE, arXiv
 * 2505.16792, appendix A.2). It asks for `metric/gradient-angle`: the cosine between the gradients of the denoising loss and
 * of the weighted alignment loss, over the parameters of one block, averaged over a fixed probe set and over times. The
 * defaults are the paper's; for SiT-B, measured from step 50,000 on, its rule fired at 80,000.
 *
 * A measurement costs 2·times·images forward and backward passes: with the defaults, 64 training steps of 256 images
 * every 10,000. The cosine is small and noisy; its standard error is logged as `metric/<name>/alignment/error`, and `sure`
 * asks for that much certainty.
 */
export const gradientConflict = defineTrigger({
  id: 'trigger/gradient-angle',
  summary: 'Ends alignment when its gradient points against that of denoising.',
  options,
  create: (options): TerminationTrigger<State> => {
    const metric = metricOf(options);
    const value = `metric/${options.name}/alignment`;
    const error = `${value}/error`;
    return {
      watches: [value, error],
      measures: [metric],
      init: () => ({ below: 0 }),
      decide: (state, { metrics }) => {
        const [mean, spread] = [metrics[value], metrics[error] ?? 0];
        if (mean === undefined || !Number.isFinite(mean) || !Number.isFinite(spread)) return { state };
        if (mean + options.sure * spread >= options.threshold) return { state: { below: 0 } };
        const below = state.below + 1;
        return below < options.patience
          ? { state: { below } }
          : { state: { below }, stop: reason(options, mean, spread) };
      },
    };
  },
});

function metricOf({ every, block, times, images, name }: Options): MetricRef {
  return {
    kind: 'metric',
    id: 'metric/gradient-angle',
    with: { every, terms: ['alignment'], blocks: [block], times, images, name },
  };
}

function reason({ block, threshold, patience }: Options, mean: number, error: number): string {
  const times = patience === 1 ? '' : `, ${patience} times in a row`;
  return (
    `the gradients of alignment and denoising at block ${block} point against each other: ` +
    `cosine ${mean.toFixed(4)} ± ${error.toFixed(4)}, below ${threshold}${times}`
  );
}
