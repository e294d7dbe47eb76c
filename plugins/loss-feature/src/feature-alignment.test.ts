import type { AlignmentSpecs, TokenAlignmentLoss } from '@hastejs/plugin-api';
import {
  type Params,
  type Scalar,
  type Tensor3D,
  countParams,
  disposeParams,
  normalTensor,
  rng,
  tf,
  valueAndGrads,
} from '@hastejs/tensor';
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { featureAlignment } from './index.js';

const SPECS = { student: { width: 6 }, teacher: { width: 5 } } as AlignmentSpecs;
const create = (hidden: number) => featureAlignment.create({ hidden }, {}) as TokenAlignmentLoss;
const tokens = (seed: number, width: number) => normalTensor(rng(seed), [2, 3, width]) as Tensor3D;

/** The definition, in float64 and in loops: −mean cos(W₄·silu(W₂·silu(W₀·h + b₀) + b₂) + b₄, z). */
function byDefinition(params: Params, h_BTD: Tensor3D, z_BTD: Tensor3D): number {
  const layer = (name: string, x: number[]) => {
    const bias = params[`${name}.bias`]!.arraySync() as number[];
    const weight = params[`${name}.weight`]!.arraySync() as number[][];
    return weight.map((row, o) => row.reduce((sum, w, i) => sum + w * x[i]!, bias[o]!));
  };
  const silu = (x: number[]) => x.map((value) => value / (1 + Math.exp(-value)));
  const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  const [hs, zs] = [h_BTD.arraySync().flat(), z_BTD.arraySync().flat()];
  const cosines = hs.map((h, i) => {
    const [y, z] = [layer('4', silu(layer('2', silu(layer('0', h))))), zs[i]!];
    return dot(y, z) / Math.sqrt(dot(y, y) * dot(z, z));
  });
  return -cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length;
}

describeEachBackend('loss/feature', () => {
  it('starts from a projector under the released names, xavier-uniform with zero bias', () => {
    const params = create(7).init!(SPECS, rng(1));
    expect(Object.fromEntries(Object.entries(params).map(([name, { shape }]) => [name, shape]))).toEqual({
      '0.weight': [7, 6],
      '0.bias': [7],
      '2.weight': [7, 7],
      '2.bias': [7],
      '4.weight': [5, 7],
      '4.bias': [5],
    });
    const bound = Math.sqrt(6 / 14);
    const largest = tf.max(tf.abs(params['2.weight']!)).arraySync() as number;
    expect(largest).toBeLessThanOrEqual(bound);
    expect(largest).toBeGreaterThan(0.8 * bound);
    expect(tf.max(tf.abs(params['4.bias']!)).arraySync()).toBe(0);
    disposeParams(params);
  });

  it('draws other numbers for every layer and the same for the same run', () => {
    const weights = (seed: number) => {
      const params = create(6).init!({ ...SPECS, teacher: { ...SPECS.teacher, width: 6 } }, rng(seed));
      return ['0.weight', '2.weight', '4.weight'].map((name) => String(params[name]!.dataSync()));
    };
    expect(new Set(weights(1)).size).toBe(3);
    expect(weights(1)).toEqual(weights(1));
    expect(weights(2)).not.toEqual(weights(1));
  });

  it('is the negative mean cosine through the projector', () => {
    const loss = create(7);
    const params = loss.init!(SPECS, rng(1));
    const [h_BTD, z_BTD] = [tokens(2, 6), tokens(3, 5)];
    expect(loss.loss(h_BTD, z_BTD, params).arraySync()).toBeCloseTo(byDefinition(params, h_BTD, z_BTD), 6);
  });

  it("has the gradient of its definition for the projector and the student's tokens", () => {
    const loss = create(7);
    const params: Params = { ...loss.init!(SPECS, rng(1)), h: tokens(2, 6) };
    const z_BTD = tokens(3, 5);
    const { grads } = valueAndGrads(() => ({ loss: loss.loss(params['h'] as Tensor3D, z_BTD, params) }), params);
    expect(Object.keys(grads).sort()).toEqual(Object.keys(params).sort());
    for (const name of Object.keys(params)) {
      const direction = normalTensor(rng(4).stream(name), params[name]!.shape);
      const at = (step: number) => {
        const moved = { ...params, [name]: tf.add(params[name]!, tf.mul(direction, step)) };
        return byDefinition(moved, moved['h'] as Tensor3D, z_BTD);
      };
      const slope = tf.sum(tf.mul(grads[name]!, direction)).arraySync() as number;
      expect(slope).toBeCloseTo((at(2e-4) - at(-2e-4)) / 4e-4, 3);
    }
  });

  it('leaks nothing', () => {
    const loss = create(7);
    const params = loss.init!(SPECS, rng(1));
    const [h_BTD, z_BTD] = [tokens(2, 6), tokens(3, 5)];
    expect(countParams(params)).toBe(7 * 6 + 7 + 7 * 7 + 7 + 5 * 7 + 5);
    expectNoLeaks(() => {
      const result: { loss: Scalar; grads: Params } = valueAndGrads(
        () => ({ loss: loss.loss(h_BTD, z_BTD, params) }),
        params,
      );
      result.loss.dispose();
      disposeParams(result.grads);
    });
  });
});

describe('loss/feature options', () => {
  it('has the paper’s width by default and refuses widths that are none', () => {
    expect(featureAlignment.options.parse({})).toEqual({ hidden: 2048 });
    for (const wrong of [{ hidden: 0 }, { hidden: 1.5 }, { width: 8 }]) {
      expect(featureAlignment.options.safeParse(wrong).success).toBe(false);
    }
  });
});
