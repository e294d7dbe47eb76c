import { type Optimizer, type OptimizerState, type OptimizerUpdate, defineOptimizer } from '@hastejs/plugin-api';
import { type Params, type Tensor, mapParams, tf } from '@hastejs/tensor';
import { optimizerContract } from '@hastejs/testkit';
import { z } from 'zod';
import { type BrokenTable, expectCaught } from './expect-caught.js';

type Result = { params: Params; state: OptimizerState };

/** Gradient descent with momentum, correct. */
function momentum(): Optimizer {
  return {
    repeatable: true,
    init: (params) => ({ m: mapParams(params, (x) => tf.zerosLike(x)) }),
    update: ({ params, grads, state }) => {
      const next: [Record<string, Tensor>, Record<string, Tensor>] = [{ ...params }, { ...state['m'] }];
      for (const [name, grad] of Object.entries(grads)) {
        const [x, m] = [params[name]!, state['m']![name]!];
        next[1][name] = tf.tidy(() => tf.add(tf.mul(m, 0.9), grad));
        next[0][name] = tf.tidy(() => tf.sub(x, tf.mul(next[1][name]!, 0.05)));
        tf.dispose([x, m]);
      }
      return { params: next[0], state: { m: next[1] } };
    },
  };
}

/** {@link momentum} with something broken. */
const broken = (name: string, change: (good: Optimizer) => Partial<Optimizer>) =>
  optimizerContract(
    defineOptimizer({
      id: `broken/${name}`,
      summary: 'Broken on purpose.',
      options: z.strictObject({}),
      create: () => {
        const good = momentum();
        return { ...good, ...change(good) };
      },
    }),
  );
/** What is done to the result of a correct update. */
const after = (f: (result: Result, update: OptimizerUpdate) => Result | void) => (good: Optimizer) => ({
  update: (update: OptimizerUpdate) => {
    const result = good.update(update);
    return f(result, update) ?? result;
  },
});
const replaced = (params: Params, name: string, x: Tensor): Params => {
  params[name]!.dispose();
  return { ...params, [name]: x };
};
let calls = 0;

const TABLE: BrokenTable<'optimizer'> = {
  'keeps its state by the names of the parameters': [
    [broken('numbered', ({ init }) => ({ init: (params) => ({ m: Object.fromEntries(Object.values(init(params)['m']!).map((x, i) => [`p${i}`, x])) }) })), 'Its slot m has p0, p1, p2; the parameters are block.weight, block.bias, scale.'], // prettier-ignore
    [broken('counting', after(({ params, state }) => ({ params, state: { ...state, count: { step: tf.scalar(1) } } }))), 'Its slot count has step; the parameters are block.weight, block.bias, scale.'], // prettier-ignore
  ],
  'gives back the parameters, in their shapes': [
    [broken('losing', after(({ params: { scale, ...params }, state }) => (scale!.dispose(), { params, state }))), 'Of block.weight, block.bias, scale it gave back block.weight, block.bias.'], // prettier-ignore
    [broken('broadcast', after(({ params, state }) => ({ params: replaced(params, 'scale', tf.ones([1])), state }))), 'scale is float32 [1], and was float32 [].'], // prettier-ignore
  ],
  'lowers a loss': [
    [
      broken('uphill', ({ update }) => ({
        update: (given) => {
          const grads = mapParams(given.grads, (x) => tf.neg(x));
          const result = update({ ...given, grads });
          tf.dispose(Object.values(grads));
          return result;
        },
      })),
      /^After 30 steps on Σx² the loss went from [\d.]+ to [\d.e+]+\.$/,
    ],
  ],
  'leaves alone what has no gradient': [
    [broken('decaying', after(({ params, state }, { grads }) => ('block.weight' in grads ? undefined : { params: replaced(params, 'block.weight', tf.ones([3, 4])), state }))), 'A parameter without a gradient changed.'], // prettier-ignore
  ],
  'goes on without parameters that have retired': [
    [broken('loyal', after(({ params, state }) => ({ params: { scale: tf.scalar(0), ...params }, state }))), 'A parameter that had retired came back.'], // prettier-ignore
  ],
  'goes on from a saved state, bit for bit': [
    [
      broken('counting', (good) => {
        let own = 0;
        return after(({ params, state }) => ({ params: replaced(params, 'scale', tf.scalar(own++)), state }))(good);
      }),
      'Created anew and given the saved state, it takes another step for scale.',
    ],
  ],
  'takes what it is given, and leaves the gradients': [
    [
      broken(
        'greedy',
        after((_result, { grads }) => grads['scale']!.dispose()),
      ),
      'It disposes of the gradient of scale.',
    ],
    [
      broken(
        'keeping',
        after(() => void tf.scalar(1)),
      ),
      'A step leaves 1 tensor more than there were.',
    ],
    [
      broken('hoarding', ({ update }) => ({
        update: (given) => update({ ...given, params: mapParams(given.params, (x) => tf.clone(x)) }),
      })),
      'A step leaves 3 tensors more than there were.',
    ],
  ],
  'is as repeatable as it says': [
    [broken('reading', after(({ params }) => void params['scale']!.dataSync())), /^It says that it is repeatable, and reads values to the host/], // prettier-ignore
    [
      broken(
        'stepping',
        after((_result, { clock }) => void clock.step),
      ),
      'It says that it is repeatable, and reads clock.step.',
    ],
    [broken('drifting', after(({ params, state }) => ({ params: replaced(params, 'scale', tf.scalar(calls++)), state }))), /^It says that it is repeatable, and asks the backend for other work in the next step: first "put float32 \[\] \d", then "put float32 \[\] \d"\.$/], // prettier-ignore
  ],
};

describe('a broken optimizer is caught', () => expectCaught(TABLE));

it('takes numbers of the clock for what they are: inputs that change', async () => {
  const scheduled = broken('scheduled', (good) => ({
    update: (given) => {
      const rate = given.clock.scalar((step) => 1 / (step + 1));
      const grads = mapParams(given.grads, (x) => tf.mul(x, rate));
      const result = good.update({ ...given, grads });
      tf.dispose(Object.values(grads));
      return result;
    },
  }));
  await scheduled.checks.find(({ name }) => name === 'is as repeatable as it says')!.run();
});
