import { type AlignmentLoss, type TokenAlignmentLoss, defineAlignmentLoss } from '@hastejs/plugin-api';
import { type Params, type Scalar, type Tensor, type Tensor3D, linear, tf } from '@hastejs/tensor';
import { alignmentLossContract, fakeLoss } from '@hastejs/testkit';
import { z } from 'zod';
import { type BrokenTable, expectCaught } from './expect-caught.js';

type Change = (good: TokenAlignmentLoss) => Partial<TokenAlignmentLoss>;
type Loss = TokenAlignmentLoss['loss'];

/** The fake loss, cosine through one matrix, with something broken. */
const broken = (name: string, change: Change) =>
  alignmentLossContract(
    defineAlignmentLoss({
      id: `broken/${name}`,
      summary: 'Broken on purpose.',
      options: z.strictObject({}),
      create: async (): Promise<AlignmentLoss> => {
        const good = (await fakeLoss.create({}, {})) as TokenAlignmentLoss;
        return { ...good, ...change(good) };
      },
    }),
  );
const loss = (f: (good: Loss, ...given: Parameters<Loss>) => Scalar): Change => {
  return (good) => ({ loss: (...given) => f(good.loss, ...given) });
};
const init = (f: (params: Params) => Params): Change => {
  return (good) => ({ init: (specs, rng) => f(good.init!(specs, rng)) });
};

/** The same number, cut off from what it was computed from. */
const cut = (x: Tensor3D): Tensor3D => tf.tensor3d(x.dataSync().slice(), x.shape);
const wrongGradient = tf.customGrad((x) => ({ value: tf.square(x as Scalar), gradFunc: (dy: Scalar) => tf.mul(dy, 3) as never })) as unknown as (x: Scalar) => Scalar; // prettier-ignore
let calls = 0;
const shared: Record<string, Tensor> = {};
afterAll(() => tf.dispose(Object.values(shared)));

const TABLE: BrokenTable<'alignmentLoss'> = {
  'starts with parameters of its own, float32 and always the same': [
    [broken('drawn', init(({ weight, bias }) => ({ weight: weight!, bias: tf.add(bias!, calls++) }))), 'It leaves 1 tensor behind besides the parameters.'], // prettier-ignore
    [broken('counted', init(({ weight, bias }) => (bias!.dispose(), { weight: weight!, bias: tf.fill([16], calls++) }))), 'Drawn twice from the same rng, the parameter bias differs.'], // prettier-ignore
    [broken('int', init(({ weight, bias }) => (bias!.dispose(), { weight: weight!, bias: tf.zeros([16], 'int32') }))), 'The parameter bias is int32.'], // prettier-ignore
    [broken('infinite', init(({ weight, bias }) => (bias!.dispose(), { weight: weight!, bias: tf.fill([16], Infinity) }))), 'The parameter bias is not finite.'], // prettier-ignore
    [broken('shared', () => ({ init: () => { shared['weight'] ??= tf.ones([24, 16]); return { weight: shared['weight'] }; } })), 'Two calls share the tensor weight.'], // prettier-ignore
    [broken('renamed', init(({ weight, bias }) => ({ weight: weight!, [`bias${calls++}`]: bias! }))), /^Its parameters are weight, bias\d+, then weight, bias\d+\.$/], // prettier-ignore
  ],
  'is a finite float32 scalar': [
    [broken('by-sample', loss((good, s, t, p) => tf.mul(good(s, t, p), tf.ones([4])) as never)), 'It gave float32 of shape [4] for a batch of 4.'], // prettier-ignore
    [broken('log', loss((good, s, t, p) => tf.log(tf.sub(good(s, t, p), 2)))), 'It is NaN for normal inputs and a batch of 4.'], // prettier-ignore
    [broken('variance', loss((good, s, t, p) => tf.div(good(s, t, p), s.shape[0] - 1))), /^It is -?Infinity for normal inputs and a batch of 1\.$/], // prettier-ignore
  ],
  "has the gradient of its values, for the student's tokens and its own parameters": [
    [broken('factor', loss((good, s, t, p) => wrongGradient(good(s, t, p)))), /^The gradient for student \[4, 6, 16\] says -?[\d.e-]+; finite differences say -?[\d.e-]+\.$/], // prettier-ignore
    [broken('detached', loss((good, s, t, p) => good(cut(s), t, p))), /^The gradient for student \[4, 6, 16\] is absent, as if nothing depended on it; finite differences say/], // prettier-ignore
    [broken('half', loss((good, s, t, { weight, bias }) => tf.add(good(s, t, { weight: weight!, bias: bias! }), tf.mean(tf.square(tf.tensor(weight!.dataSync().slice(), weight!.shape)))))), /^The gradient for the parameter weight/], // prettier-ignore
  ],
  'uses every parameter that it owns, and the student': [
    [broken('idle', init((params) => ({ ...params, temperature: tf.scalar(1) }))), 'It does not depend on its parameter temperature.'], // prettier-ignore
    [
      broken(
        'blind',
        loss((good, s, t, p) => good(tf.onesLike(s), t, p)),
      ),
      "No gradient reaches the student's input.",
    ],
  ],
  'is a mean over samples, or says that it is none': [
    [broken('sum', loss((good, s, t, p) => tf.mul(good(s, t, p), s.shape[0]))), /^The loss of four samples is -?[\d.]+, and the mean over its halves is -?[\d.]+\.$/], // prettier-ignore
    [
      broken(
        'centred',
        loss((good, s, t, p) => good(tf.sub(s, tf.mean(s, 0)), t, p)),
      ),
      /^The loss of four samples is/,
    ],
  ],
  'gives the same value to the same inputs, and leaves them alone': [
    [broken('noisy', loss((good, s, t, p) => tf.add(good(s, t, p), calls++))), /^It is -?[\d.]+, then -?[\d.]+, for the same inputs\.$/], // prettier-ignore
    [broken('greedy', loss((good, s, t, p) => { const value = good(s, t, p); t.dispose(); return value; })), 'It disposes of teacher.'], // prettier-ignore
    [broken('in-place', loss((good, s, t, p) => { const value = good(s, t, p); (t.dataSync() as Float32Array).fill(7); return value; })), 'It writes into teacher.'], // prettier-ignore
  ],
  'leaves no tensors behind': [
    [broken('keeping', loss((good, s, t, p) => { tf.keep(tf.clone(s)); return good(s, t, p); })), '1 tensor is left behind.'], // prettier-ignore
    [broken('careless', loss((good, s, t, p) => { const held = tf.keep(tf.scalar(1)); const value = good(s, t, p); held.dispose(); return value; })), '1 tensor is left behind.'], // prettier-ignore
  ],
  'is as repeatable as it says': [
    [broken('looking', loss((good, s, t, p) => (s.dataSync(), good(s, t, p)))), /^It says that it is repeatable, and reads values to the host/], // prettier-ignore
    [broken('drifting', loss((good, s, t, p) => tf.mul(good(s, t, p), ++calls / 8))), /^It says that it is repeatable, and asks the backend for other work in the next step: first "put float32 \[\] [\d.]+", then/], // prettier-ignore
  ],
  'tells the loss of each token, of which it is the mean': [
    [broken('scalar', () => ({ perToken: (s) => tf.mean(s, [1, 2]) as never })), 'For [4, 6] tokens it gave losses of shape [4].'], // prettier-ignore
    [broken('other', () => ({ perToken: (s) => tf.sum(s, 2) })), /^The mean over tokens is -?[\d.]+, and the loss is -?[\d.]+\.$/], // prettier-ignore
  ],
  'projects and targets in one shape, for metrics that compare them': [
    [broken('narrow', () => ({ project: (s, { weight, bias }) => tf.slice(linear(s, weight!, bias!), [0, 0, 0], [-1, -1, 8]) as never })), 'It projects to [4, 6, 8] and holds that against [4, 6, 24]; the teacher is 24 wide.'], // prettier-ignore
    [broken('target', () => ({ project: (s, { weight, bias }) => linear(s, weight!, bias!) as never, target: (t) => tf.mean(t, 1, true) })), 'It projects to [4, 6, 24] and holds that against [4, 1, 24]; the teacher is 24 wide.'], // prettier-ignore
  ],
};

describe('a broken alignment loss is caught', () => expectCaught(TABLE));
