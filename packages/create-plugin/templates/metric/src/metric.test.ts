import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { builtins, createHost } from '@hastejs/haste';
import { tf } from '@hastejs/tensor';
import { tokenLikeness } from './metric.js';

before(async () => {
  const host = await createHost({ plugins: builtins });
  await host.selectBackend('cpu');
});

const likenessOf = (tokens: number[][][]): number[] =>
  tf.tidy(() => [...tokenLikeness(tf.tensor3d(tokens)).dataSync()].map((value) => Math.round(value * 1e5) / 1e5));

describe('the likeness of tokens', () => {
  it('is 1 for tokens of one direction, 0 for tokens at right angles, image by image', () => {
    const alike = [
      [2, 0],
      [5, 0],
      [0.1, 0],
    ];
    const apart = [
      [1, 0, 0],
      [0, 2, 0],
      [0, 0, 3],
    ];
    assert.deepEqual(
      likenessOf([
        alike,
        [
          [3, 4],
          [6, 8],
          [0.3, 0.4],
        ],
      ]),
      [1, 1],
    );
    assert.deepEqual(likenessOf([apart]), [0]);
  });

  it('is the mean cosine of all pairs', () => {
    // Cosines 1/√2, 0 and 1/√2.
    assert.deepEqual(
      likenessOf([
        [
          [1, 0],
          [1, 1],
          [0, 1],
        ],
      ]),
      [Math.round((Math.SQRT2 / 3) * 1e5) / 1e5],
    );
  });
});
