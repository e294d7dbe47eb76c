// B batch, T tokens, D width, H heads, d = D / H.
import { describeEachBackend } from '#support/backends.js';
import { randomInput } from '#support/op-check.js';
import { expectNoLeaks } from '#support/leaks.js';
import { type Params, type Tensor3D, disposeParams } from '@hastejs/tensor';
import { within } from '../parameters.js';
import { queriesAndKeys, selfAttention } from './self-attention.js';

const [B, T, D, H] = [2, 3, 8, 2];
const d = D / H;
const EPS = 1e-5;

const params = (): Params => ({
  x: randomInput('x', [B, T, D]),
  'qkv.weight': randomInput('qkv.weight', [3 * D, D], 0.5),
  'qkv.bias': randomInput('qkv.bias', [3 * D]),
  'proj.weight': randomInput('proj.weight', [D, D]),
  'proj.bias': randomInput('proj.bias', [D]),
  'q_norm.weight': randomInput('q_norm.weight', [d]),
  'q_norm.bias': randomInput('q_norm.bias', [d]),
  'k_norm.weight': randomInput('k_norm.weight', [d]),
  'k_norm.bias': randomInput('k_norm.bias', [d]),
});

/** Row of a linear layer, in float64. */
function linear(given: Params, name: string, x: readonly number[], row: number): number {
  const weight = given[`${name}.weight`]!.dataSync();
  return x.reduce(
    (sum, value, i) => sum + value * weight[row * x.length + i]!,
    given[`${name}.bias`]!.dataSync()[row]!,
  );
}

function normalised(given: Params, name: string, x: readonly number[]): number[] {
  const mean = x.reduce((sum, value) => sum + value) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  const [weight, bias] = [given[`${name}.weight`]!.dataSync(), given[`${name}.bias`]!.dataSync()];
  return x.map((value, i) => ((value - mean) / Math.sqrt(variance + EPS)) * weight[i]! + bias[i]!);
}

/** The definition, head by head and token by token. */
function byDefinition(given: Params, qkNorm: boolean): number[] {
  const x = given['x']!.dataSync();
  const token = (b: number, t: number) => Array.from(x.subarray((b * T + t) * D, (b * T + t + 1) * D));
  const part = (b: number, t: number, h: number, which: 0 | 1 | 2) => {
    const values = Array.from({ length: d }, (_, i) => linear(given, 'qkv', token(b, t), which * D + h * d + i));
    return qkNorm && which < 2 ? normalised(given, which === 0 ? 'q_norm' : 'k_norm', values) : values;
  };
  const out: number[] = [];
  for (let b = 0; b < B; b++)
    for (let t = 0; t < T; t++) {
      const heads = Array.from({ length: H }, (_, h) => {
        const q = part(b, t, h, 0);
        const logits = Array.from({ length: T }, (_, s) => {
          return part(b, s, h, 1).reduce((sum, k, i) => sum + k * q[i]!, 0) / Math.sqrt(d);
        });
        const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
        return Array.from({ length: d }, (_, i) =>
          logits.reduce((sum, logit, s) => sum + (Math.exp(logit) / total) * part(b, s, h, 2)[i]!, 0),
        );
      }).flat();
      for (let row = 0; row < D; row++) out.push(linear(given, 'proj', heads, row));
    }
  return out;
}

describeEachBackend('self-attention', () => {
  it.each([false, true])('is softmax(q·kᵀ·d^−½)·v by heads, QK norm: %p', (qkNorm) => {
    const given = params();
    const shape = { heads: H, qkNorm, eps: EPS };
    const { y_BTD, tap } = selfAttention(within(given), given['x'] as Tensor3D, shape, true);
    const untapped = selfAttention(within(given), given['x'] as Tensor3D, shape, false);
    expect(untapped.tap).toBeUndefined();
    const [values, same] = [y_BTD.dataSync(), untapped.y_BTD.dataSync()];
    byDefinition(given, qkNorm).forEach((value, i) => {
      expect(values[i]).toBeCloseTo(value, 4);
      expect(same[i]).toBeCloseTo(value, 4);
    });

    const alone = queriesAndKeys(within(given), given['x'] as Tensor3D, shape);
    for (const part of ['q_BHTd', 'k_BHTd'] as const) {
      expect(alone[part].shape).toEqual([B, H, T, d]);
      const whole = tap![part].dataSync();
      alone[part].dataSync().forEach((value, i) => expect(value).toBeCloseTo(whole[i]!, 5));
    }
    disposeParams(given);
  });

  it('leaks nothing', () => {
    const given = params();
    const shape = { heads: H, qkNorm: true, eps: EPS };
    const run = (qkNorm: boolean, tapped: boolean) => {
      const { y_BTD, tap } = selfAttention(within(given), given['x'] as Tensor3D, { ...shape, qkNorm }, tapped);
      return { y_BTD, ...tap };
    };
    for (const tapped of [true, false]) {
      expectNoLeaks(() => run(true, tapped));
      expectNoLeaks(() => run(false, tapped));
    }
    expectNoLeaks(() => ({ ...queriesAndKeys(within(given), given['x'] as Tensor3D, shape) }));
    disposeParams(given);
  });
});
