import { describeEachBackend } from '#support/backends.js';
import { expectGradients } from '#support/finite-difference.js';
import { expectNoLeaks } from '#support/leaks.js';
import { expectClose, randomInput } from '#support/op-check.js';
import {
  type Params,
  type Tensor,
  type Tensor3D,
  attention,
  mergeHeads,
  packedAttention,
  splitHeads,
  tappedAttention,
  tf,
  valueAndGrads,
} from '@hastejs/tensor';

const [B, T, H, d] = [2, 37, 3, 8];

describeEachBackend('packedAttention', () => {
  const make = () => ({ qkv: randomInput('qkv', [B, T, 3 * H * d]), dy: randomInput('dy', [B, T, H * d]) });

  it('is attention of the split heads, values and gradients', () => {
    expectNoLeaks(() => {
      const { qkv, dy } = make();
      const apart = () => {
        const [q, k, v] = splitHeads(qkv as Tensor3D, 3, H);
        return mergeHeads(attention(q!, k!, v!));
      };
      const loss = (f: () => Tensor3D) =>
        valueAndGrads(
          () => {
            const out = f();
            return { loss: tf.sum(tf.mul(out, dy)) as never, aux: out };
          },
          { qkv },
        );
      const [whole, parts] = [loss(() => packedAttention(qkv as Tensor3D, H)), loss(apart)];
      expectClose(whole.aux, parts.aux.dataSync(), 2e-5);
      expectClose(whole.grads['qkv']!, parts.grads['qkv']!.dataSync(), 5e-5);
      return [qkv, dy, whole.loss, whole.aux, parts.loss, parts.aux, whole.grads['qkv']!, parts.grads['qkv']!];
    });
  });

  it('has the gradient that differences show', () => {
    const { qkv, dy } = make();
    expectGradients(({ qkv }) => tf.sum(tf.mul(packedAttention(qkv as Tensor3D, H), dy)) as never, { qkv });
    tf.dispose([qkv, dy]);
  });

  it('names heads that do not fit', () => {
    tf.tidy(() => expect(() => packedAttention(tf.zeros([1, 2, 9]), 2)).toThrow('[1, 2, 9] does not hold'));
  });
});

describeEachBackend('tappedAttention', () => {
  const make = () => ({
    qkv: randomInput('qkv', [B, T, 3 * H * d]),
    dy: randomInput('dy', [B, T, H * d]),
    dq: randomInput('dq', [B, H, T, d]),
    dk: randomInput('dk', [B, H, T, d]),
  });
  /** Looks at all three results, by weights, so that every path of the gradient counts. */
  const seen = ({ y_BTD, q_BHTd, k_BHTd }: ReturnType<typeof tappedAttention>, { dy, dq, dk }: Params) =>
    tf.addN([tf.mul(y_BTD, dy!), tf.mul(q_BHTd, dq!), tf.mul(k_BHTd, dk!)].map((x) => tf.sum(x))) as never;

  it('is attention of the split heads, with its queries and keys, values and gradients', () => {
    expectNoLeaks(() => {
      const { qkv, ...weights } = make();
      const apart = () => {
        const [q, k, v] = splitHeads(qkv as Tensor3D, 3, H);
        return { y_BTD: mergeHeads(attention(q!, k!, v!)), q_BHTd: q!, k_BHTd: k! };
      };
      const loss = (f: typeof apart) =>
        valueAndGrads(
          () => {
            const out = f();
            return { loss: seen(out, weights), aux: { ...out } as Record<string, Tensor> };
          },
          { qkv },
        );
      const [whole, parts] = [loss(() => tappedAttention(qkv as Tensor3D, H)), loss(apart)];
      for (const [name, tensor] of Object.entries(parts.aux)) {
        expectClose(whole.aux[name]!, tensor.dataSync(), 2e-5, name);
      }
      expectClose(whole.grads['qkv']!, parts.grads['qkv']!.dataSync(), 5e-5);
      return [qkv, weights, { ...whole }, { ...parts }];
    });
  });

  it.each(['dq', 'dk'] as const)('has the gradient that differences show where only %s looks', (name) => {
    const { qkv, ...weights } = make();
    expectGradients(
      ({ qkv }) => {
        const tapped = tappedAttention(qkv as Tensor3D, H);
        return tf.sum(tf.mul(name === 'dq' ? tapped.q_BHTd : tapped.k_BHTd, weights[name])) as never;
      },
      { qkv },
    );
    tf.dispose([qkv, weights]);
  });
});
