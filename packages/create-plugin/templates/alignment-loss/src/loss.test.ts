import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { builtins, createHost } from '@hastejs/haste';
import { type Tensor3D, tf } from '@hastejs/tensor';
import { templateExport } from './loss.js';

before(async () => {
  const host = await createHost({ plugins: builtins });
  await host.selectBackend('cpu');
});

/** The loss of tokens that a projector of ones leaves as they are. */
async function lossOf(
  student: number[],
  teacher: number[],
  options: { beta: number; whiten: boolean },
): Promise<number> {
  const loss = await templateExport.create(options, {});
  assert.equal(loss.reads, 'tokens');
  return tf.tidy(() => {
    const tokens = (values: number[]): Tensor3D => tf.tensor3d([values.map((value) => [value])]);
    const params = { weight: tf.tensor2d([[1]]), bias: tf.zeros([1]) };
    return loss.loss(tokens(student), tokens(teacher), params).dataSync()[0]!;
  });
}

describe('smooth L1', () => {
  it('is squared below beta and straight above it', async () => {
    const options = { beta: 2, whiten: false };
    // |e| = 1: 1²/(2·2) = 0.25; |e| = 6: 6 − 2/2 = 5.
    assert.ok(Math.abs((await lossOf([1], [2], options)) - 0.25) < 1e-6);
    assert.ok(Math.abs((await lossOf([-3], [3], options)) - 5) < 1e-6);
    assert.ok(Math.abs((await lossOf([1, -3], [2, 3], options)) - 2.625) < 1e-6);
  });

  it('is 0 where the tokens agree', async () => {
    assert.equal(await lossOf([0.5, -2], [0.5, -2], { beta: 1, whiten: false }), 0);
  });

  it('is the mean of what it is for each token', async () => {
    const loss = await templateExport.create({ beta: 1, whiten: true }, {});
    assert.equal(loss.reads, 'tokens');
    tf.tidy(() => {
      const tokens = (seed: number) => tf.randomNormal([2, 3, 4], 0, 1, 'float32', seed) as Tensor3D;
      const params = { weight: tf.eye(4), bias: tf.zeros([4]) };
      const perToken = loss.perToken!(tokens(1), tokens(2), params);
      assert.deepEqual(perToken.shape, [2, 3]);
      const whole = loss.loss(tokens(1), tokens(2), params).dataSync()[0]!;
      assert.ok(Math.abs(tf.mean(perToken).dataSync()[0]! - whole) < 1e-6);
    });
  });
});
