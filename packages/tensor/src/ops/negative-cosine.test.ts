// B batch, T tokens, D width.
import { describeEachBackend } from '#support/backends.js';
import { type Values, expectClose, expectOp, randomInput } from '#support/op-check.js';
import { type Tensor3D, disposeParams, negativeCosine, tf } from '@hastejs/tensor';

const [B, T, D] = [2, 3, 5];

describeEachBackend('negativeCosine', () => {
  it('is −mean of the cosine, token by token', () => {
    const z = randomInput('z', [B, T, D]) as Tensor3D;
    const target = z.dataSync();
    const reference = ({ x }: Values): number[] => {
      let total = 0;
      for (let token = 0; token < B * T; token++) {
        let [dot, xx, zz] = [0, 0, 0];
        for (let i = token * D; i < (token + 1) * D; i++) {
          dot += x![i]! * target[i]!;
          xx += x![i]! ** 2;
          zz += target[i]! ** 2;
        }
        total += dot / Math.sqrt(xx * zz);
      }
      return [-total / (B * T)];
    };
    const inputs = { x: randomInput('x', [B, T, D], 3) };
    expectOp({ inputs, op: ({ x }) => negativeCosine(x as Tensor3D, z), reference });
    disposeParams(inputs);
    z.dispose();
  });

  it('is finite at zero, as F.normalize is: the gradient is −z/eps', () => {
    tf.tidy(() => {
      const [x, z] = [tf.tensor3d([0, 0], [1, 1, 2]), tf.tensor3d([3, 4], [1, 1, 2])];
      expectClose(negativeCosine(x, z), [0], 0);
      expectClose(tf.grad((t) => negativeCosine(t as Tensor3D, z))(x), [-0.6e12, -0.8e12], 1e-6);
    });
  });

  it('refuses different shapes', () => {
    tf.tidy(() => {
      const [x, z] = [randomInput('x', [1, 2, 3]) as Tensor3D, randomInput('z', [1, 3, 2]) as Tensor3D];
      expect(() => negativeCosine(x, z)).toThrow('[1, 2, 3]');
    });
  });
});
