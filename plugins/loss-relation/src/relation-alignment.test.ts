// B batch, T tokens, D width.
import type { TokenAlignmentLoss } from '@hastejs/plugin-api';
import { type Tensor3D, disposeParams, tf, valueAndGrads } from '@hastejs/tensor';
import type { z } from 'zod';
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { type Values, expectClose, expectOp, randomInput } from '#support/op-check.js';
import { relationAlignment } from './index.js';
import { relationPenalty } from './relation-penalty.js';

const [B, T] = [2, 4];
const WIDTHS = { student: 6, teacher: 5 };
const create = (options: z.input<typeof relationAlignment.options> = {}) =>
  relationAlignment.create(relationAlignment.options.parse(options), {}) as TokenAlignmentLoss;
const student = () => randomInput('student', [B, T, WIDTHS.student]) as Tensor3D;
const teacher = () => randomInput('teacher', [B, T, WIDTHS.teacher]) as Tensor3D;

/** The definition, in float64 and in loops. */
function byDefinition(x: Float64Array, z: ArrayLike<number>, margin: number, power: number): number {
  const row = (values: ArrayLike<number>, D: number, i: number) =>
    Array.from({ length: D }, (_, d) => values[i * D + d]!);
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const cosine = (values: ArrayLike<number>, D: number, i: number, j: number) => {
    const [a, b] = [row(values, D, i), row(values, D, j)];
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };
  let sum = 0;
  for (let b = 0; b < B; b++) {
    for (let i = b * T; i < (b + 1) * T; i++) {
      for (let j = b * T; j < (b + 1) * T; j++) {
        const apart = Math.abs(cosine(x, WIDTHS.student, i, j) - cosine(z, WIDTHS.teacher, i, j));
        sum += Math.max(0, apart - margin) ** power;
      }
    }
  }
  return sum / (B * T * T);
}

describeEachBackend('loss/relation', () => {
  it.each([
    ['squared', 0],
    ['squared', 0.2],
    ['absolute', 0],
    ['absolute', 0.1],
  ] as const)('is its definition, with its gradient: %s, margin %d', (penalty, margin) => {
    const loss = create({ penalty, margin });
    const z_BTD = teacher();
    const known = Float64Array.from(z_BTD.dataSync());
    expectOp({
      inputs: { x: student() },
      op: ({ x }) => loss.loss(x as Tensor3D, z_BTD, {}),
      reference: ({ x }: Values) => [byDefinition(x!, known, margin, penalty === 'squared' ? 2 : 1)],
      tolerance: 5e-6,
    });
  });

  it.each([1, 2, 3])('is the same in chunks of %i samples, and keeps no map between the passes', (atOnce) => {
    const [x, z] = [randomInput('x', [3, T, 6]) as Tensor3D, randomInput('z', [3, T, 5]) as Tensor3D];
    const penalty = { margin: 0.1, power: 2 } as const;
    let kept = 0;
    const both = (most?: number) =>
      valueAndGrads(
        () => {
          const before = tf.memory().numBytes;
          const loss = relationPenalty(x, z, penalty, most);
          kept = tf.memory().numBytes - before;
          return { loss };
        },
        { x },
      );
    const [chunked, whole] = [both(atOnce), both()];
    expectClose(chunked.loss, whole.loss.dataSync(), 1e-6);
    expectClose(chunked.grads['x']!, whole.grads['x']!.dataSync(), 1e-6);
    // The loss, and a gradient like x.
    expect(kept).toBe(4 * (1 + x.size));
  });

  it('sees relations only: neither length nor direction of tokens counts', () => {
    const z_BTD = teacher();
    const mirrored = tf.mul(tf.reverse(z_BTD, -1), -3) as Tensor3D;
    expect(create().loss(mirrored, z_BTD, {}).arraySync()).toBeCloseTo(0, 6);
    expect(create().loss(student(), z_BTD, {}).arraySync()).toBeGreaterThan(0.05);
  });

  it('sends no gradient to the teacher, and leaks nothing', () => {
    const params = { x: student(), z: teacher() };
    expectNoLeaks(() => {
      const { loss, grads } = valueAndGrads(() => ({ loss: create().loss(params.x, params.z, {}) }), params);
      expect(Object.keys(grads)).toEqual(['x']);
      loss.dispose();
      disposeParams(grads);
    });
  });

  it('stays finite where a token is zero', () => {
    const x_BTD = tf.mul(student(), tf.tensor3d([0, 1, 1, 1], [1, T, 1])) as Tensor3D;
    const { loss, grads } = valueAndGrads(() => ({ loss: create().loss(x_BTD, teacher(), {}) }), { x: x_BTD });
    expect(Number.isFinite(loss.arraySync())).toBe(true);
    expect([...grads['x']!.dataSync()].every(Number.isFinite)).toBe(true);
  });
});

describe('loss/relation options', () => {
  it('squares by default, and has a margin that a difference of cosines can pass', () => {
    expect(relationAlignment.options.parse({})).toEqual({ penalty: 'squared', margin: 0 });
    for (const wrong of [{ penalty: 'cubed' }, { margin: -0.1 }, { margin: 2 }, { hidden: 8 }]) {
      expect(relationAlignment.options.safeParse(wrong).success).toBe(false);
    }
  });

  it('owns nothing, and holds no token against a token', () => {
    expect(create().init).toBeUndefined();
    expect(create().project).toBeNull();
  });
});
