import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rng } from '@hastejs/tensor';
import { templateExport } from './dataset.js';
import { SHAPES, drawShape, mirrored } from './shapes.js';

const S = 16;
const make = (options: object = {}) =>
  templateExport.create(templateExport.options.parse({ length: 30, ...options }), {});

describe('drawn shapes', () => {
  it('cover what their forms cover: a triangle the least, a square the most', () => {
    const ink = (shape: (typeof SHAPES)[number]) => {
      const image = drawShape(shape, 64, rng(3).stream('place'));
      const [least, most] = [Math.min(...image), Math.max(...image)];
      return image.reduce((sum, value) => sum + (value - least) / (most - least), 0);
    };
    const [disc, square, triangle] = SHAPES.map(ink) as [number, number, number];
    assert.ok(triangle < 0.7 * disc && disc > square, `${disc} ${square} ${triangle}`);
    // Areas π·r² and (1.6·r)².
    assert.ok(Math.abs(square / disc - 2.56 / Math.PI) < 0.03);
  });

  it('mirror to themselves when mirrored twice', () => {
    const image = drawShape('triangle', S, rng(1));
    assert.deepEqual(mirrored(mirrored(image, S), S), image);
    assert.notDeepEqual(mirrored(image, S), image);
  });

  it('are other ones for another seed, and of each class in turn', async () => {
    const [one, other] = [await make(), await make({ seed: 1 })];
    const [a, b] = [await one.read(Int32Array.of(4, 5), rng(0)), await other.read(Int32Array.of(4, 5), rng(0))];
    assert.notDeepEqual(a.images_BCHW, b.images_BCHW);
    assert.deepEqual([...a.labels_B], [1, 2]);
  });

  it('say which of them a read has mirrored', async () => {
    const data = await make({ mirror: true });
    const indices = Int32Array.from({ length: 20 }, (_, n) => n);
    const batch = await data.read(indices, rng(5));
    const again = await data.readItems!({ indices_B: indices, variants_B: batch.variants_B! });
    assert.deepEqual(again.images_BCHW, batch.images_BCHW);
    const share = batch.variants_B!.reduce((sum, variant) => sum + variant, 0);
    assert.ok(share > 3 && share < 17);
  });

  it('refuse an image that they do not have', async () => {
    await assert.rejects((await make()).read(Int32Array.of(30), rng(0)), /there is no image 30/);
  });
});
