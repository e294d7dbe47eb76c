// B batch, N tokens, D width. Only what is asked for runs: counted, kernel by kernel.
import { describeEachBackend } from '#support/backends.js';
import { randomInput } from '#support/op-check.js';
import { jest } from '@jest/globals';
import type { Taps } from '@hastejs/plugin-api';
import { type Params, type Tensor4D, disposeParams, rng, tf } from '@hastejs/tensor';
import { initParameters } from '../parameters.js';
import { patchTaps, vitForward } from './forward.js';
import { vitParameters } from './parameters.js';
import { vitSpec } from './spec.js';

const SPEC = vitSpec({
  hiddenSize: 8,
  depth: 12,
  numHeads: 2,
  patchSize: 2,
  channels: 1,
  grid: { height: 2, width: 3 },
  layerScale: null,
});

/** Calls of every kernel of the backend, by name, while `f` runs. */
function countKernels(f: () => void): Record<string, number> {
  const counts: Record<string, number> = {};
  const spies = tf.getKernelsForBackend(tf.getBackend()).map((kernel) => {
    const original = kernel.kernelFunc;
    return jest.spyOn(kernel, 'kernelFunc').mockImplementation((given) => {
      counts[kernel.kernelName] = (counts[kernel.kernelName] ?? 0) + 1;
      return original(given);
    });
  });
  try {
    f();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return counts;
}

describeEachBackend('a ViT that is asked for', () => {
  let params: Params;
  let x_BCHW: Tensor4D;
  beforeAll(() => {
    params = initParameters(vitParameters(SPEC), rng(3));
    x_BCHW = randomInput('x', [1, 1, 4, 6]) as Tensor4D;
  });
  afterAll(() => {
    disposeParams(params);
    x_BCHW.dispose();
  });

  const run = (taps: Partial<Taps>) =>
    countKernels(() => tf.tidy(() => void vitForward(SPEC, params, x_BCHW, { tokens: [], attention: [], ...taps })));
  const total = (counts: Record<string, number>) => Object.values(counts).reduce((sum, n) => sum + n, 0);

  it('the tokens of block 8 runs nine blocks, and no final norm', () => {
    const [one, two, nine] = [0, 1, 8].map((block) => run({ tokens: [block] }));
    expect(total(one!)).toBeGreaterThan(5);
    for (const [name, calls] of Object.entries(nine!)) {
      const perBlock = two![name]! - one![name]!;
      expect([name, calls]).toEqual([name, one![name]! + 8 * perBlock]);
    }
    expect(total(run({ tokens: ['final'] }))).toBeGreaterThan(total(run({ tokens: [11] })));
  });

  it('the attention of block 8 runs eight blocks, and of the ninth no values, map and MLP', () => {
    const [eight, nine] = [7, 8].map((block) => run({ tokens: [block] }));
    const attention = run({ attention: [8] });
    const tapped = run({ tokens: [8], attention: [8] });
    expect(total(attention)).toBeGreaterThan(total(eight!));
    // A block of tokens has the products of both halves; its queries and keys are one more.
    const products = (counts: Record<string, number>) =>
      ['HasteLinear', 'BatchMatMul', '_FusedMatMul', 'HasteAttention', 'HastePackedAttention'].reduce(
        (sum, name) => sum + (counts[name] ?? 0),
        0,
      );
    expect(products(attention) - products(eight!)).toBe(1);
    expect(products(nine!) - products(eight!)).toBeGreaterThanOrEqual(5);
    // Tapping costs no product: what attention computes anyway is handed out.
    expect(products(tapped)).toBe(products(nine!));
  });

  it('the attention of one block keeps its queries and keys, and nothing of the other blocks', () => {
    const before = tf.memory();
    const values = vitForward(SPEC, params, x_BCHW, { tokens: [], attention: [5] });
    const patches = patchTaps(SPEC, values);
    tf.dispose([...values.attention.values()].flatMap(({ q_BHTd, k_BHTd }) => [q_BHTd, k_BHTd]));
    expect(tf.memory().numTensors - before.numTensors).toBe(2);
    tf.dispose([...patches.attention.values()].flatMap(({ q_BHTd, k_BHTd }) => [q_BHTd, k_BHTd]));
    expect(tf.memory().numTensors).toBe(before.numTensors);
    // A block whose attention nobody asks for runs the same kernels as in a pass that asks for none at all.
    const [plain, one, two] = [[], [2], [2, 4]].map((attention) => run({ tokens: [11], attention }));
    expect(total(two!) - total(one!)).toBe(total(one!) - total(plain!));
  });
});
