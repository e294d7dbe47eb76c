// B batch, N tokens with prefix, D width, H heads, d = D / H, F hidden width.
import { describeEachBackend } from '#support/backends.js';
import { expectClose, expectOp, randomInput } from '#support/op-check.js';
import { type Params, type Tensor, type Tensor3D, disposeParams, pickParams, tf } from '@hastejs/tensor';
import { vitParameters } from './parameters.js';
import { vitPool, vitProject } from './pool.js';
import { type VitSpec, vitSpec } from './spec.js';

const [B, N, D, H, F] = [2, 3, 4, 2, 3];
const d = D / H;
const SPEC = vitSpec({
  hiddenSize: D,
  depth: 1,
  numHeads: H,
  patchSize: 2,
  grid: { height: 1, width: 1 },
  registers: 1,
});
const ATTENTION: VitSpec = {
  ...SPEC,
  classToken: false,
  registers: 0,
  pooling: { kind: 'attention', hidden: F, gelu: 'quick' },
};

const pooled = (spec: VitSpec, x: Tensor, params: Params = {}) => vitPool(spec, params, x as Tensor3D);
const poolParams = (spec: VitSpec): Params =>
  Object.fromEntries(
    Object.entries(vitParameters(spec))
      .filter(([name]) => /^(attn_pool|fc_norm)\./.test(name))
      .map(([name, { shape }]) => [name, randomInput(name, shape, 0.7)]),
  );

type Values = Readonly<Record<string, Float64Array>>;
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const dense = (given: Values, name: string, x: readonly number[], from = 0, count?: number): number[] => {
  const [weight, bias] = [given[`attn_pool.${name}.weight`]!, given[`attn_pool.${name}.bias`]!];
  const rows = Array.from({ length: count ?? bias.length }, (_, i) => i + from);
  return rows.map((row) => bias[row]! + dot(x, [...weight.slice(row * x.length, (row + 1) * x.length)]));
};

/** One image's tokens: the probe attends by heads, then x + mlp(norm(x)), in plain float64. */
function attended(given: Values, tokens: readonly number[][]): number[] {
  const q = dense(given, 'qkv', [...given['attn_pool.latent']!], 0, D);
  const [keys, values] = [D, 2 * D].map((from) => tokens.map((token) => dense(given, 'qkv', token, from, D)));
  const joined = Array.from({ length: D }, (_, c) => {
    const [from, to] = [c - (c % d), c - (c % d) + d];
    const weights = keys!.map((key) => Math.exp(dot(q.slice(from, to), key.slice(from, to)) / Math.sqrt(d)));
    return (
      dot(
        weights,
        values!.map((value) => value[c]!),
      ) / weights.reduce((sum, weight) => sum + weight)
    );
  });
  const y = dense(given, 'proj', joined);
  const mean = y.reduce((sum, value) => sum + value) / D;
  const deviation = Math.sqrt(y.reduce((sum, value) => sum + (value - mean) ** 2, 0) / D + SPEC.eps);
  const [weight, bias] = [given['attn_pool.norm.weight']!, given['attn_pool.norm.bias']!];
  const normed = y.map((value, i) => ((value - mean) / deviation) * weight[i]! + bias[i]!);
  const hidden = dense(given, 'mlp.fc1', normed).map((value) => value / (1 + Math.exp(-1.702 * value)));
  return dense(given, 'mlp.fc2', hidden).map((value, i) => value + y[i]!);
}

describeEachBackend('pooling', () => {
  it('takes the class token, or the mean of the patches alone', () => {
    const x = randomInput('x', [B, N, D]);
    const values = Array.from(x.dataSync());
    const token = (n: number) => [0, 1].flatMap((b) => values.slice((b * N + n) * D, (b * N + n + 1) * D));
    tf.tidy(() => {
      expectClose(pooled(SPEC, x), token(0), 0);
      const mean: VitSpec = { ...SPEC, grid: { height: 2, width: 1 }, registers: 0, pooling: { kind: 'mean' } };
      const [a, b] = [token(1), token(2)];
      expectClose(
        pooled(mean, x),
        a.map((value, i) => (value + b[i]!) / 2),
        1e-6,
      );
    });
    x.dispose();
  });

  it("is SigLIP's attention by a learned query, with gradients", () => {
    const inputs = { ...poolParams(ATTENTION), x: randomInput('x', [B, N, D]) };
    expectOp({
      inputs,
      op: (given) => pooled(ATTENTION, given['x']!, given),
      reference: (given) =>
        [0, 1].flatMap((b) => {
          const tokens = Array.from({ length: N }, (_, n) => [
            ...given['x']!.slice((b * N + n) * D, (b * N + n + 1) * D),
          ]);
          return attended(given, tokens);
        }),
      tolerance: 5e-6,
    });
    disposeParams(inputs);
  });

  it('normalises what it pooled where the spec says so, and projects', () => {
    const spec: VitSpec = { ...SPEC, registers: 0, poolNorm: true };
    const params: Params = { ...poolParams(spec), 'projection.weight': randomInput('projection', [2, D]) };
    const x = randomInput('x', [B, N, D]);
    tf.tidy(() => {
      const flat = pooled({ ...spec, poolNorm: false }, x);
      const { mean, variance } = tf.moments(flat, 1, true);
      const unit = tf.div(tf.sub(flat, mean), tf.sqrt(tf.add(variance, spec.eps)));
      const expected = tf.add(tf.mul(unit, params['fc_norm.weight']!), params['fc_norm.bias']!);
      const actual = pooled(spec, x, pickParams(params, ['fc_norm.weight', 'fc_norm.bias']));
      expectClose(actual, expected.dataSync(), 1e-5);
      const projected = tf.matMul(actual, params['projection.weight'] as tf.Tensor2D, false, true);
      expectClose(vitProject(params, actual), projected.dataSync(), 1e-5);
    });
    disposeParams(params);
    x.dispose();
  });

  it('is refused to a model that pools nothing', () => {
    const x = tf.zeros([1, N, D]);
    expect(() => pooled({ ...SPEC, pooling: { kind: 'none' } }, x)).toThrow('no pooled output');
    x.dispose();
  });
});
