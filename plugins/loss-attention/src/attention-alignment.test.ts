import type { AttentionAlignmentLoss, QueryKey } from '@hastejs/plugin-api';
import { type Tensor4D, disposeParams, normalTensor, rng, tf, valueAndGrads } from '@hastejs/tensor';
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { attentionAlignment } from './index.js';

const [B, H, T] = [2, 3, 5];
const loss = attentionAlignment.create({}, {}) as AttentionAlignmentLoss;

/** Queries and keys of norm about `scale`·√d. */
function queryKey(seed: number, d: number, scale = 1): QueryKey {
  const draw = (name: string) => tf.mul(normalTensor(rng(seed).stream(name), [B, H, T, d]), scale) as Tensor4D;
  return { q_BHTd: draw('q'), k_BHTd: draw('k') };
}

/** The definition, in float64 and in loops: −Σ softmax(Aₜ)·log softmax(Aₛ), mean over batch, heads and rows. */
function byDefinition(student: QueryKey, teacher: QueryKey): number {
  const rows = ({ q_BHTd, k_BHTd }: QueryKey): number[][] => {
    const [q, k] = [q_BHTd.arraySync().flat(), k_BHTd.arraySync().flat()];
    const scale = q_BHTd.shape[3] ** -0.5;
    return q.flatMap((queries, map) =>
      queries.map((query) => k[map]!.map((key) => scale * key.reduce((sum, value, i) => sum + value * query[i]!, 0))),
    );
  };
  const logSoftmax = (row: number[]) => {
    const max = Math.max(...row);
    const log = max + Math.log(row.reduce((sum, value) => sum + Math.exp(value - max), 0));
    return row.map((value) => value - log);
  };
  const [s, t] = [rows(student).map(logSoftmax), rows(teacher).map(logSoftmax)];
  const entropies = s.map((row, i) => -row.reduce((sum, value, j) => sum + Math.exp(t[i]![j]!) * value, 0));
  return entropies.reduce((sum, value) => sum + value, 0) / entropies.length;
}

describeEachBackend('loss/attention', () => {
  it('owns no parameters', () => {
    expect(loss.init).toBeUndefined();
  });

  it.each([
    ['small logits', 1],
    ['logits in the hundreds, where log(softmax) is −Infinity', 12],
  ])('is the cross-entropy of the maps, whatever the head sizes: %s', (_name, scale) => {
    const [student, teacher] = [queryKey(1, 4, scale), queryKey(2, 6, scale)];
    const expected = byDefinition(student, teacher);
    expect(Math.abs((loss.loss(student, teacher, {}).arraySync() as number) / expected - 1)).toBeLessThan(1e-5);
  });

  it("has the gradient of its definition for the student's queries and keys", () => {
    const [student, teacher] = [queryKey(1, 4), queryKey(2, 6)];
    const { grads } = valueAndGrads(() => ({ loss: loss.loss(student, teacher, {}) }), {
      ...student,
      ...prefixed(teacher),
    });
    expect(Object.keys(grads).sort()).toEqual(['k_BHTd', 'q_BHTd']);
    for (const name of ['q_BHTd', 'k_BHTd'] as const) {
      const direction = normalTensor(rng(3).stream(name), student[name].shape);
      const at = (step: number) =>
        byDefinition({ ...student, [name]: tf.add(student[name], tf.mul(direction, step)) }, teacher);
      const slope = tf.sum(tf.mul(grads[name]!, direction)).arraySync() as number;
      expect(slope).toBeCloseTo((at(2e-4) - at(-2e-4)) / 4e-4, 3);
    }
  });

  it('is at its least, with no gradient, when the maps agree', () => {
    const same = queryKey(1, 4);
    const { loss: least, grads } = valueAndGrads(() => ({ loss: loss.loss(same, same, {}) }), { ...same });
    expect(loss.loss(queryKey(2, 4), same, {}).arraySync()).toBeGreaterThan(least.arraySync());
    expect(tf.max(tf.abs(grads['q_BHTd']!)).arraySync()).toBeLessThan(1e-7);
  });

  it('leaks nothing', () => {
    const [student, teacher] = [queryKey(1, 4), queryKey(2, 6)];
    expectNoLeaks(() => {
      const result = valueAndGrads(() => ({ loss: loss.loss(student, teacher, {}) }), { ...student });
      result.loss.dispose();
      disposeParams(result.grads);
    });
  });
});

const prefixed = ({ q_BHTd, k_BHTd }: QueryKey) => ({ 'teacher.q': q_BHTd, 'teacher.k': k_BHTd });
