// B batch, C channels, H×W input size, D width.
import { describeEachBackend } from '#support/backends.js';
import { expectGradients } from '#support/finite-difference.js';
import { expectNoLeaks } from '#support/leaks.js';
import { randomInput } from '#support/op-check.js';
import { NO_TAPS, type StudentInput } from '@hastejs/plugin-api';
import {
  type Params,
  type Scalar,
  type Tensor1D,
  type Tensor4D,
  disposeParams,
  mapParams,
  pickParams,
  rng,
  tf,
} from '@hastejs/tensor';
import type { SitConfig } from './config.js';
import { sitEncode, sitForward } from './forward.js';
import { makeSit } from './student.js';

const CONFIG: SitConfig = {
  hiddenSize: 16,
  depth: 3,
  numHeads: 2,
  patchSize: 2,
  mlpRatio: 2,
  qkNorm: true,
  input: { channels: 2, height: 4, width: 6 },
  classes: 3,
};
const ALL = { tokens: [0, 1, 2], attention: [0, 1, 2] };

const input = (): StudentInput => ({
  x_BCHW: randomInput('x', [2, 2, 4, 6]) as Tensor4D,
  t_B: tf.tensor1d([0.2, 0.9]),
  y_B: tf.tensor1d([1, 3], 'int32'),
});

/** Weights far from initialisation, where every output would be zero. */
const trained = (): Params => {
  const fresh = makeSit(CONFIG).init(rng(0));
  const params = mapParams(fresh, (tensor, name) =>
    name === 'pos_embed' ? tensor.clone() : randomInput(name, tensor.shape, 0.2),
  );
  disposeParams(fresh);
  return params;
};

describeEachBackend('SiT', () => {
  it('begins as the zero field: adaLN-Zero', () => {
    const student = makeSit(CONFIG);
    const params = student.init(rng(0));
    const { velocity_BCHW } = student.forward(params, input(), NO_TAPS);
    expect(velocity_BCHW.shape).toEqual([2, 2, 4, 6]);
    expect(new Set(velocity_BCHW.dataSync())).toEqual(new Set([0]));
    disposeParams(params);
  });

  it('gives the taps asked for and no others, and the same velocity with and without', () => {
    const [params, given] = [trained(), input()];
    const plain = sitForward(CONFIG, params, given, NO_TAPS);
    const all = sitForward(CONFIG, params, given, ALL);
    const some = sitForward(CONFIG, params, given, { tokens: [1], attention: [2] });
    expect([plain.taps.tokens.size, plain.taps.attention.size]).toEqual([0, 0]);
    expect([...some.taps.tokens.keys(), ...some.taps.attention.keys()]).toEqual([1, 2]);
    expect(some.taps.tokens.get(1)!.shape).toEqual([2, 6, 16]);
    expect(some.taps.attention.get(2)!.k_BHTd.shape).toEqual([2, 2, 6, 8]);
    expect(some.taps.tokens.get(1)!.dataSync()).toEqual(all.taps.tokens.get(1)!.dataSync());
    expect(some.velocity_BCHW.dataSync()).toEqual(plain.velocity_BCHW.dataSync());
    disposeParams(params);
  });

  it('encodes to the same taps, and runs no block after the last of them', () => {
    const [params, given] = [trained(), input()];
    const whole = sitForward(CONFIG, params, given, ALL).taps;
    // Without the last block and the final layer there is nothing to run them with.
    const early = Object.keys(params).filter(
      (name) => !name.startsWith('blocks.2.') && !name.startsWith('final_layer.'),
    );
    const taps = sitEncode(CONFIG, pickParams(params, early), given, { tokens: [1], attention: [0] });
    expect([...taps.tokens.keys(), ...taps.attention.keys()]).toEqual([1, 0]);
    expect(taps.tokens.get(1)!.dataSync()).toEqual(whole.tokens.get(1)!.dataSync());
    expect(taps.attention.get(0)!.k_BHTd.dataSync()).toEqual(whole.attention.get(0)!.k_BHTd.dataSync());
    expectNoLeaks(() => [...sitEncode(CONFIG, params, given, { tokens: [0, 2], attention: [] }).tokens.values()]);
    expectNoLeaks(() => void sitEncode(CONFIG, params, given, NO_TAPS));
    disposeParams(params);
  });

  it('has the gradients of its differences, through velocity and taps', () => {
    const [params, given] = [trained(), input()];
    const names = [
      'x_embedder.proj.weight',
      't_embedder.mlp.2.weight',
      'y_embedder.embedding_table.weight',
      'blocks.0.attn.qkv.weight',
      'blocks.1.attn.q_norm.weight',
      'blocks.1.adaLN_modulation.1.weight',
      'blocks.2.mlp.fc2.bias',
      'final_layer.linear.weight',
    ];
    const loss = (some: Params): Scalar => {
      const { velocity_BCHW, taps } = sitForward(CONFIG, { ...params, ...some }, given, {
        tokens: [1],
        attention: [1],
      });
      const { q_BHTd, k_BHTd } = taps.attention.get(1)!;
      const tapped = tf.add(tf.mean(tf.square(taps.tokens.get(1)!)), tf.mean(tf.mul(q_BHTd, tf.square(k_BHTd))));
      return tf.add(tf.mean(tf.square(velocity_BCHW)), tapped);
    };
    expectGradients(loss, pickParams(params, names), { step: 3e-3, tolerance: 5e-3 });
    disposeParams(params);
  });

  it('tells classes and times apart, image by image', () => {
    const [params, given] = [trained(), input()];
    const half = (velocity: Tensor4D) => [...tf.slice(velocity, [0, 0, 0, 0], [1, -1, -1, -1]).dataSync()];
    const run = (change: Partial<StudentInput>) =>
      half(sitForward(CONFIG, params, { ...given, ...change }, NO_TAPS).velocity_BCHW);
    const before = run({});
    expect(run({ y_B: tf.tensor1d([1, 0], 'int32') as Tensor1D })).toEqual(before);
    expect(run({ y_B: tf.tensor1d([2, 3], 'int32') as Tensor1D })).not.toEqual(before);
    expect(run({ t_B: tf.tensor1d([0.3, 0.9]) })).not.toEqual(before);
    disposeParams(params);
  });

  it('leaks nothing, with taps and without', () => {
    const [params, given] = [trained(), input()];
    expectNoLeaks(() => sitForward(CONFIG, params, given, NO_TAPS).velocity_BCHW);
    expectNoLeaks(() => {
      const { velocity_BCHW, taps } = sitForward(CONFIG, params, given, ALL);
      return [velocity_BCHW, ...taps.tokens.values(), ...[...taps.attention.values()].map((qk) => ({ ...qk }))];
    });
    disposeParams(params);
  });

  it('refuses other shapes and blocks that it does not have', () => {
    const given = input();
    const square = { ...given, x_BCHW: tf.zeros([2, 2, 4, 4]) as Tensor4D };
    expect(() => sitForward(CONFIG, {}, square, NO_TAPS)).toThrow('[2, 2, 4, 6]');
    expect(() => sitForward(CONFIG, {}, { ...given, t_B: tf.zeros([3]) }, NO_TAPS)).toThrow('3 times');
    expect(() => sitForward(CONFIG, {}, given, { tokens: [3], attention: [] })).toThrow('no block 3');
    expect(() => sitForward(CONFIG, {}, given, { tokens: ['final'], attention: [] })).toThrow('0 to 2');
  });
});
