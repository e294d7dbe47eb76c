import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { tf } from '@hastejs/tensor';
import { templateExport } from './backend.js';

const activate = async (infinite: boolean) => (await templateExport.create({ infinite }, {})).activate();

describe('the checked backend', () => {
  before(() => activate(true));

  it('computes what the cpu backend computes', () => {
    tf.tidy(() => {
      const product = tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]]));
      assert.deepEqual([...product.dataSync()], [11]);
      assert.equal(tf.getBackend(), 'template-id');
    });
  });

  it('stops where a number stops being finite, and says which kernel did it', () => {
    assert.throws(
      () => tf.tidy(() => tf.add(tf.log(tf.tensor1d([-1, 1])), 1)),
      /Log made a number that is not finite, from finite ones: x \[2\]/,
    );
    assert.throws(() => tf.tidy(() => tf.div(1, tf.tensor1d([0]))), /RealDiv made/);
  });

  it('lets pass what was wrong when it came', () => {
    tf.tidy(() => assert.ok(Number.isNaN(tf.add(tf.tensor1d([NaN]), 1).dataSync()[0])));
  });
});
