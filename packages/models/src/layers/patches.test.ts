// B batch, C channels, H×W pixels, p patch side.
import { describeEachBackend } from '#support/backends.js';
import { randomInput } from '#support/op-check.js';
import { expectNoLeaks } from '#support/leaks.js';
import { type Tensor3D, type Tensor4D, tf } from '@hastejs/tensor';
import { embedPatches, patchify, unpatchify } from './patches.js';

const [B, H, W, p] = [2, 4, 6, 2];

/** Pixel (c, y, x) of image b, by counting. */
const numbered = (C: number) => tf.reshape(tf.range(0, B * C * H * W), [B, C, H, W]) as Tensor4D;
const pixel = (C: number, b: number, c: number, y: number, x: number) => ((b * C + c) * H + y) * W + x;

describeEachBackend('patches', () => {
  it.each([1, 3])('are cut row by row, each as (C, p, p), with %p channels', (C) => {
    tf.tidy(() => {
      const x_BTP = patchify(numbered(C), p);
      expect(x_BTP.shape).toEqual([B, 6, C * p * p]);
      // Patch 4 of image 1 is in row 1, column 1 of the 2×3 grid.
      const expected = [];
      for (let c = 0; c < C; c++) for (const y of [2, 3]) for (const x of [2, 3]) expected.push(pixel(C, 1, c, y, x));
      expect([...tf.slice(x_BTP, [1, 4, 0], [1, 1, -1]).dataSync()]).toEqual(expected);
    });
  });

  it.each([1, 3])('are put back from (p, p, C), with %p channels', (C) => {
    tf.tidy(() => {
      const tokens_BTP = tf.reshape(tf.range(0, B * 6 * p * p * C), [B, 6, p * p * C]) as Tensor3D;
      const image_BCHW = unpatchify(tokens_BTP, p, { height: 2, width: 3 });
      expect(image_BCHW.shape).toEqual([B, C, H, W]);
      const values = image_BCHW.dataSync();
      for (let c = 0; c < C; c++) {
        // Image 1, pixel (3, 4): patch (1, 2), its lower left corner.
        const token = 6 + 5;
        expect(values[pixel(C, 1, c, 3, 4)]).toBe((token * p * p + 2) * C + c);
      }
    });
  });

  it('embed as the convolution that they are', () => {
    tf.tidy(() => {
      const [C, D] = [3, 5];
      const x_BCHW = randomInput('x', [B, C, H, W]) as Tensor4D;
      const [weight, bias] = [randomInput('weight', [D, C, p, p]) as Tensor4D, randomInput('bias', [D])];
      const embedded = embedPatches((name) => (name === 'weight' ? weight : bias), x_BCHW, p);
      const nhwc = tf.transpose(x_BCHW, [0, 2, 3, 1]) as Tensor4D;
      const convolved = tf.add(tf.conv2d(nhwc, tf.transpose(weight, [2, 3, 1, 0]), p, 'valid'), bias);
      expect(embedded.shape).toEqual([B, 6, D]);
      expect(tf.max(tf.abs(tf.sub(embedded, tf.reshape(convolved, embedded.shape)))).dataSync()[0]).toBeLessThan(1e-5);
    });
  });

  it('leak nothing', () => {
    const x_BCHW = randomInput('x', [B, 3, H, W]) as Tensor4D;
    expectNoLeaks(() => {
      const x_BTP = patchify(x_BCHW, p);
      return [x_BTP, unpatchify(x_BTP, p, { height: 2, width: 3 })];
    });
    x_BCHW.dispose();
  });
});
