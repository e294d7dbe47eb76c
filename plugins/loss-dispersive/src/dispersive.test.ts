// B samples of a batch, T tokens, D width.
import type { StudentLoss } from '@hastejs/plugin-api';
import { type Tensor3D, disposeParams, tf, valueAndGrads } from '@hastejs/tensor';
import type { z } from 'zod';
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { type Values, expectOp, randomInput } from '#support/op-check.js';
import { dispersive } from './index.js';

type Options = z.input<typeof dispersive.options>;
const [B, T, D] = [4, 3, 5];
const N = T * D;
const create = (options: Options = {}) => dispersive.create(dispersive.options.parse(options), {}) as StudentLoss;
const tokens = () => randomInput('student', [B, T, D]) as Tensor3D;

/** The definitions, in float64 and in loops over all pairs, a sample and itself among them. */
function byDefinition(z: Float64Array, { form, temperature = 0.5, margin = 1 }: Options): number {
  const at = (i: number) => Array.from(z.subarray(i * N, (i + 1) * N));
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, n) => sum + value * b[n]!, 0);
  const squared = (a: number[], b: number[]) => a.reduce((sum, value, n) => sum + (value - b[n]!) ** 2, 0) / N;
  let sum = 0;
  for (let i = 0; i < B; i++) {
    for (let j = 0; j < B; j++) {
      const [a, b] = [at(i), at(j)];
      if (form === 'hinge') sum += Math.max(0, margin - squared(a, b)) ** 2;
      else if (form === 'cosine') sum += Math.exp(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)) / temperature);
      else sum += Math.exp(-squared(a, b) / temperature);
    }
  }
  return form === 'hinge' ? sum / B ** 2 : Math.log(sum / B ** 2);
}

describeEachBackend('loss/dispersive', () => {
  it.each<Options>([
    { form: 'infonce' },
    { form: 'infonce', temperature: 2 },
    { form: 'cosine' },
    { form: 'cosine', temperature: 0.1 },
    { form: 'hinge', margin: 2.5 },
  ])('is its definition, with its gradient: %j', (options) => {
    const loss = create(options);
    expectOp({
      inputs: { z: tokens() },
      op: ({ z }) => tf.tidy(() => loss.loss(z as Tensor3D, {})),
      reference: ({ z }: Values) => [byDefinition(z!, options)],
      tolerance: 1e-5,
    });
  });

  it('falls as samples are moved apart, and a step against its gradient moves them apart', () => {
    const z = tokens();
    const loss = create();
    const { loss: before, grads } = valueAndGrads(() => ({ loss: loss.loss(z, {}) }), { z });
    const moved = tf.sub(z, grads['z']!) as Tensor3D;
    expect(loss.loss(moved, {}).arraySync()).toBeLessThan(before.arraySync());
    expect(loss.loss(tf.mul(z, 3), {}).arraySync()).toBeLessThan(before.arraySync());
  });

  it('keeps its digits where the samples share far more than they differ in', () => {
    const shared = tf.add(tokens(), 1000) as Tensor3D;
    const exact = byDefinition(Float64Array.from(shared.dataSync()), { form: 'infonce' });
    expect(create().loss(shared, {}).arraySync()).toBeCloseTo(exact, 5);
  });

  it.each(['infonce', 'cosine', 'hinge'] as const)(
    'is finite for a single sample, and for one that occurs twice: %s',
    (form) => {
      const one = tf.slice(tokens(), [0, 0, 0], [1, T, D]);
      for (const z of [one, tf.concat([one, one]) as Tensor3D]) {
        const { loss, grads } = valueAndGrads(() => ({ loss: create({ form, temperature: 0.01 }).loss(z, {}) }), { z });
        expect(Number.isFinite(loss.arraySync())).toBe(true);
        expect(tf.max(tf.abs(grads['z']!)).arraySync()).toBeLessThan(1e-3);
      }
    },
  );

  it('leaks nothing', () => {
    const params = { z: tokens() };
    expectNoLeaks(() => {
      const { loss, grads } = valueAndGrads(() => ({ loss: create().loss(params.z, {}) }), params);
      loss.dispose();
      disposeParams(grads);
    });
  });
});

describe('loss/dispersive options', () => {
  it("has the paper's form and temperature by default", () => {
    expect(dispersive.options.parse({})).toEqual({ form: 'infonce', temperature: 0.5, margin: 1 });
    for (const wrong of [{ temperature: 0 }, { margin: -1 }, { form: 'covariance' }, { tau: 1 }]) {
      expect(dispersive.options.safeParse(wrong).success).toBe(false);
    }
  });

  it('needs no teacher and couples the samples of a batch', () => {
    expect(create()).toMatchObject({ reads: 'student', couplesSamples: true, repeatable: true });
    expect(create().init).toBeUndefined();
  });
});
