import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { builtins, createHost } from '@hastejs/haste';
import { isHasteError } from '@hastejs/plugin-api';
import { type Tensor4D, disposeParams, rng, tf } from '@hastejs/tensor';
import { patchify, unpatchify } from './patches.js';
import { templateExport } from './student.js';

before(async () => {
  const host = await createHost({ plugins: builtins });
  await host.selectBackend('cpu');
});

const data = {
  name: 'made up',
  length: 10,
  classes: ['a', 'b'],
  image: { channels: 2, height: 4, width: 6 },
  fingerprint: '',
};
const make = (patch: number) => templateExport.create({ width: 8, blocks: 2, heads: 2, patch }, { data });

describe('patches', () => {
  it('hold the pixels of their place, and go back there', () => {
    tf.tidy(() => {
      const image = tf.reshape(tf.range(0, 48), [1, 2, 4, 6]) as Tensor4D;
      const patches = patchify(image, { height: 2, width: 3 });
      assert.deepEqual(patches.shape, [1, 6, 8]);
      // The second patch: rows 0 and 1, columns 2 and 3, both channels of each pixel side by side.
      assert.deepEqual([...tf.slice(patches, [0, 1, 0], [1, 1, 8]).dataSync()], [2, 26, 3, 27, 8, 32, 9, 33]);
      assert.deepEqual([...unpatchify(patches, { height: 2, width: 3 }, 2).dataSync()], [...image.dataSync()]);
    });
  });
});

describe('the student', () => {
  it('predicts 0 when fresh, and sees time and class once its head is trained', async () => {
    const student = await make(2);
    const params = { ...student.init(rng(1)) };
    const velocity = (t: number, y: number): number[] =>
      tf.tidy(() => {
        const x_BCHW = tf.ones([1, 2, 4, 6]) as Tensor4D;
        const input = { x_BCHW, t_B: tf.tensor1d([t]), y_B: tf.tensor1d([y], 'int32') };
        return [...student.forward(params, input, { tokens: [], attention: [] }).velocity_BCHW.dataSync()];
      });
    assert.ok(velocity(0.5, 0).every((value) => value === 0));
    params['head.weight']!.dispose();
    params['head.weight'] = tf.ones([8, 8]);
    params['norm.bias']!.dispose();
    params['norm.bias'] = tf.tensor1d([1, 2, 3, 4, 5, 6, 7, 8]);
    params['norm.weight']!.dispose();
    params['norm.weight'] = tf.tensor1d([1, -2, 3, -4, 5, -6, 7, -8]);
    const seen = velocity(0.5, 0);
    assert.notDeepEqual(velocity(0.6, 0), seen);
    assert.notDeepEqual(velocity(0.5, 1), seen);
    disposeParams(params);
  });

  it('refuses a patch that does not divide the images', () => {
    assert.throws(
      () => make(4),
      (error) => isHasteError(error, 'TEACHER_MISMATCH') && /4×6/.test(error.message),
    );
  });
});
