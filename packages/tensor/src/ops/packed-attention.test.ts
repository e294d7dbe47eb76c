import { describeEachBackend } from '#support/backends.js';
import { expectGradients } from '#support/finite-difference.js';
import { expectNoLeaks } from '#support/leaks.js';
import { expectClose, randomInput } from '#support/op-check.js';
import { type Tensor3D, attention, mergeHeads, packedAttention, splitHeads, tf, valueAndGrads } from '@hastejs/tensor';

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
