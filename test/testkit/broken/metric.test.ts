import { type Metric, type MetricContext, defineMetric } from '@hastejs/plugin-api';
import { type Params, type Tensor, tf } from '@hastejs/tensor';
import { metricContract } from '@hastejs/testkit';
import { z } from 'zod';
import { type BrokenTable, expectCaught } from './expect-caught.js';

type Measure = (context: MetricContext) => Promise<Record<string, number>>;

/** The mean activation of a block on a few images of the probe set, correct. */
const mean: Measure = async ({ probes }) => {
  let sum = 0;
  for await (const batch of probes(4)) {
    sum += tf.tidy(() => [tf.mean(batch.taps({ tokens: [1], attention: [] }, 0.5).tokens.get(1)!).dataSync()[0]!] as never)[0]! as number; // prettier-ignore
  }
  return { mean: sum };
};

/** {@link mean} with something broken. */
const broken = (
  name: string,
  change: Partial<Metric> & { readonly made?: () => void; readonly dispose?: () => void },
) => {
  const { made, ...rest } = change;
  return metricContract(
    defineMetric({
      id: `broken/${name}`,
      summary: 'Broken on purpose.',
      options: z.strictObject({}),
      create: (): Metric => {
        made?.();
        return { names: ['mean'], every: 2, needsAlignment: false, measure: mean, ...rest };
      },
    }),
  );
};
const also = (f: (context: MetricContext) => Record<string, number> | void): Pick<Metric, 'measure'> => ({
  measure: async (context) => ({ ...(await mean(context)), ...f(context) }),
});
let calls = 0;
const kept: Tensor[] = [];
afterEach(() => tf.dispose(kept.splice(0)));

const TABLE: BrokenTable<'metric'> = {
  'yields what it names, in finite numbers, in both phases': [
    [broken('rare', { every: 1000 }), 'It measures every 1000 steps: not once in the short runs of this contract.'],
    [broken('secret', also(() => ({ 'mean/deviation': 1 }))), /gave a wrong answer to measure\(\): mean\/deviation: it did not say that it would measure this, only mean\./], // prettier-ignore
    [
      broken(
        'infinite',
        also(() => ({ mean: 1 / 0 })),
      ),
      'At step 2, mean is Infinity.',
    ],
    [broken('twice', { names: ['mean', 'mean'] }), 'It names mean twice.'],
    [broken('other', { names: ['metric/mean'], measure: () => ({}) }), 'It never yields what it names: metric/mean.'],
    [
      broken(
        'needy',
        also(({ terms }) => ({ mean: terms.indexOf('feature') < 0 ? NaN : 1 })),
      ),
      'At step 4, mean is NaN.',
    ],
  ],
  'measures the same when it is asked twice': [
    [
      broken(
        'drawn',
        also(() => ({ mean: calls++ })),
      ),
      /^At step 2 it measured \{"mean":\d+\}, then \{"mean":\d+\}\.$/,
    ],
  ],
  'changes nothing of the run': [
    [
      broken(
        'steering',
        also(({ params }) => {
          (Object.values(params)[1]!.dataSync() as Float32Array).fill(0.5);
        }),
      ),
      /^With it in the recipe, the losses differ from step \d on\.$/,
    ],
  ],
  'measures the same after a cut': [
    [
      broken(
        'counting',
        (() => {
          const seen = new WeakMap<Params, number>();
          return also(({ params }) => ({ mean: (seen.set(params, calls++), calls) }));
        })(),
      ),
      /^Cut after step 3 and resumed, it logs \{.*"metric\/mean":\d+\} at step 4, and \{.*"metric\/mean":\d+\} without a cut\.$/,
    ],
  ],
  'costs nothing while nobody wants it': [
    [broken('eager', { made: () => tf.tidy(() => void tf.sum(tf.ones([4]))) }), 'With no logger and no trigger that wants it, it asks the backend for 2 things.'], // prettier-ignore
  ],
  'leaves no tensors behind': [
    [
      broken(
        'keeping',
        also(() => void kept.push(tf.scalar(1))),
      ),
      'A measurement leaves 1 tensor behind.',
    ],
    [broken('gradients', also(({ gradients }) => void kept.push(...Object.values(gradients('denoise'))))), /^A measurement leaves \d+ tensors behind\.$/], // prettier-ignore
    [broken('made', { made: () => void kept.push(tf.scalar(1)) }), 'The run leaves 1 tensor behind.'],
  ],
};

describe('a broken metric is caught', () => expectCaught(TABLE));
