import { Services, type Student, type StudentOutput, type TapValues, defineStudent } from '@hastejs/plugin-api';
import { type Params, type Tensor, type Tensor4D, rng, tf } from '@hastejs/tensor';
import { fakeStudent, studentContract } from '@hastejs/testkit';
import { z } from 'zod';
import { type BrokenTable, expectCaught } from './expect-caught.js';

type Change = (good: Student) => Partial<Student>;

/** The fake student with something broken. */
const broken = (name: string, change: Change) =>
  studentContract(
    defineStudent({
      id: `broken/${name}`,
      summary: 'Broken on purpose.',
      options: z.strictObject({}),
      inject: { data: Services.data },
      create: async (_options, services): Promise<Student> => {
        const good = await fakeStudent.create({}, services);
        return { ...good, ...change(good) };
      },
    }),
  );

type Forward = Student['forward'];
const forward = (f: (output: StudentOutput, ...given: Parameters<Forward>) => Partial<StudentOutput>): Change => {
  return (good) => ({
    forward: (...given) => {
      const output = good.forward(...given);
      return { ...output, ...f(output, ...given) };
    },
  });
};
const velocity = (f: (v: Tensor4D, ...given: Parameters<Forward>) => Tensor) =>
  forward(({ velocity_BCHW }, ...given) => ({ velocity_BCHW: f(velocity_BCHW, ...given) as Tensor4D }));
const tokens = (f: (x: Tensor) => Tensor, { tokens, attention }: TapValues): TapValues => ({
  tokens: new Map([...tokens].map(([site, x]) => [site, f(x) as never])),
  attention,
});
const doubled = tf.customGrad((x) => ({ value: (x as Tensor).clone(), gradFunc: (dy: Tensor) => tf.mul(dy, 2) as never })) as unknown as (x: Tensor) => Tensor; // prettier-ignore
let calls = 0;

const TABLE: BrokenTable<'student'> = {
  'declares a model that fits the data': [
    [broken('input', ({ spec }) => ({ spec: { ...spec, input: { channels: 4, height: 8, width: 8 } } })), 'It takes 4×8×8, and made-up columns gives 3×8×12 (channels × height × width).'], // prettier-ignore
    [
      broken('classes', ({ spec }) => ({ spec: { ...spec, classes: 2 } })),
      'It knows 2 classes, and made-up columns has 3.',
    ],
    [
      broken('blocks', ({ spec }) => ({ spec: { ...spec, blocks: 0 } })),
      /^Its spec has a number that is no count: \{.*"blocks":0/,
    ],
  ],
  'starts with parameters of its own, float32 and always the same': [
    [broken('frozen', () => ({ frozen: ['pos_embed', 'rope'] })), 'It freezes rope, which is no parameter of it.'],
    [
      broken('all-frozen', (good) => ({ frozen: namesOf(good) })),
      'All of its parameters are frozen: there is nothing to train.',
    ],
    [broken('drawn', ({ init }) => ({ init: (rng) => init(rng.at(calls++)) })), /^Drawn twice from the same rng, the parameter .*x_embedder\.proj\.weight.* differs\.$/], // prettier-ignore
  ],
  'gives a finite velocity in the shape of its input': [
    [
      broken(
        'flat',
        velocity((v) => tf.reshape(v, [v.shape[0], -1])),
      ),
      'For x [3, 3, 8, 12] the velocity is float32 [3, 288].',
    ],
    [broken('transposed', velocity((v) => tf.transpose(v, [0, 1, 3, 2]))), 'For x [3, 3, 8, 12] the velocity is float32 [3, 3, 12, 8].'], // prettier-ignore
    [
      broken(
        'infinite',
        velocity((v) => tf.log(tf.sub(v, v))),
      ),
      'The velocity holds NaN or infinite numbers.',
    ],
  ],
  'gives exactly the taps that it is asked for, as it declares them': [
    [broken('all', (good) => ({ forward: (params, input) => good.forward(params, input, { tokens: [0, 1, 2], attention: [] }) })), 'Asked for tokens of 0, 2, it gave 0, 1, 2.'], // prettier-ignore
    [broken('wide', forward(({ taps }) => ({ taps: tokens((x) => tf.concat([x, x], 2), taps) }))), 'The tokens of block 0 are float32 [3, 6, 32]; the spec declares float32 [3, 6, 16], [B, T, D].'], // prettier-ignore
  ],
  'gives the same velocity with taps and without': [
    [broken('biased', velocity((v, _params, _input, taps) => (taps.tokens.length > 0 ? tf.mul(v, 1.01) : v))), /^With taps the velocity is another, by 0\.0\d+ of its largest value\.$/], // prettier-ignore
    [broken('dropout', velocity((v) => tf.mul(v, 1 + (calls++ % 7)))), 'Called twice with the same input, it gives two velocities.'], // prettier-ignore
  ],
  'answers image by image, by time and by class': [
    [broken('batch-norm', velocity((v) => tf.sub(v, tf.mean(v, 0)))), /^The velocity of an image changes with the image beside it, by /], // prettier-ignore
    [broken('blind', (good) => ({ forward: (params, input, taps) => good.forward(params, { ...input, y_B: tf.zerosLike(input.y_B), t_B: tf.zerosLike(input.t_B) }, taps) })), 'The velocity does not depend on the time and the class.'], // prettier-ignore
  ],
  'encodes to the taps of a whole pass': [
    [broken('other', (good) => ({ encode: (...given) => tokens((x) => tf.mul(x, 2), good.encode!(...given)) })), /^encode\(\) and forward\(\) differ in the tokens of block 0, by 1(\.\d+)? of the largest value\.$/], // prettier-ignore
    [broken('lacking', () => ({ encode: () => ({ tokens: new Map(), attention: new Map() }) })), 'Asked for tokens of 0, 2, it gave nothing.'], // prettier-ignore
  ],
  'has the gradient of its values, for every parameter': [
    [broken('doubled', (good) => ({ forward: (params, input, taps) => good.forward({ ...params, 'x_embedder.proj.bias': doubled(params['x_embedder.proj.bias']!) }, input, taps) })), /^The gradient for x_embedder\.proj\.bias \[16\] says -?[\d.e-]+; finite differences say -?[\d.e-]+\.$/], // prettier-ignore
  ],
  'uses every parameter that it trains': [
    [broken('idle', ({ init }) => ({ init: (rng) => ({ ...init(rng), 'head.bias': tf.zeros([3]) }) })), 'Nothing depends on its parameter head.bias.'], // prettier-ignore
  ],
  'leaves alone what it is given': [
    [
      broken(
        'greedy',
        forward((_output, _params, { t_B }) => (t_B.dispose(), {})),
      ),
      'It disposes of t_B.',
    ],
  ],
  'leaves no tensors behind': [
    [
      broken(
        'keeping',
        velocity((v) => tf.keep(tf.clone(v)) && v),
      ),
      '1 tensor is left behind.',
    ],
    [broken('careless', (good) => ({ forward: (params, input, taps) => { const held = tf.keep(tf.scalar(1)); const output = good.forward(params, input, taps); held.dispose(); return output; } })), '1 tensor is left behind.'], // prettier-ignore
  ],
  'is as repeatable as it says': [
    [
      broken(
        'looking',
        velocity((v) => (v.dataSync(), v)),
      ),
      /^It says that it is repeatable, and reads values to the host/,
    ],
    [broken('drifting', velocity((v) => tf.mul(v, 1 + ++calls / 8))), /^It says that it is repeatable, and asks the backend for other work in the next step: first "put/], // prettier-ignore
  ],
};

/** Names of a student's parameters. */
function namesOf({ init }: Student): readonly string[] {
  const params: Params = init(rng(0));
  tf.dispose(Object.values(params));
  return Object.keys(params);
}

describe('a broken student is caught', () => expectCaught(TABLE));
