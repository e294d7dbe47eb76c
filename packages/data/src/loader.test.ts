import type { Dataset } from '@hastejs/plugin-api';
import { type Rng, rng } from '@hastejs/tensor';
import { Loader } from './loader.js';

/** Images of one pixel: their own index, plus a draw of the augmentation. */
class Counted implements Dataset {
  reads = 0;
  failing = new Set<number>();
  readonly spec;

  constructor(length: number) {
    const image = { channels: 1, height: 1, width: 1 };
    this.spec = { name: 'counted', length, classes: ['all'], image, fingerprint: '' };
  }

  async read(indices: Int32Array, draw: Rng) {
    this.reads++;
    const bad = indices.find((index) => this.failing.has(index));
    if (bad !== undefined) throw new Error(`image ${bad} is bad`);
    return { images_BCHW: Uint8Array.from(indices), labels_B: draw.integers(indices.length, 1000) };
  }

  dispose() {}
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('Loader', () => {
  it('gives the same batch for a step, in order, from the middle, backwards or again', async () => {
    const inOrder = new Loader(new Counted(10), 4, rng(3));
    const expected = [];
    for (let step = 0; step < 8; step++) expected.push(await inOrder.next(step));
    const jumping = new Loader(new Counted(10), 4, rng(3));
    for (const step of [5, 6, 7, 2, 2, 0]) expect(await jumping.next(step)).toEqual(expected[step]);
  });

  it('reads two steps ahead, and each step once', async () => {
    const data = new Counted(10);
    const loader = new Loader(data, 2, rng(0));
    await loader.next(0);
    expect(data.reads).toBe(3);
    for (let step = 1; step < 10; step++) await loader.next(step);
    expect(data.reads).toBe(12);
  });

  it('reports a fault at the step it belongs to', async () => {
    const data = new Counted(3);
    const loader = new Loader(data, 1, rng(0));
    const order = await Promise.all([0, 1, 2].map(async (step) => (await loader.next(step)).images_BCHW[0]!));
    data.failing.add(order[2]!);
    const fresh = new Loader(data, 1, rng(0));
    await fresh.next(0);
    await settle();
    await fresh.next(1);
    await expect(fresh.next(2)).rejects.toThrow(`image ${order[2]} is bad`);
  });

  it('reads nothing once disposed', async () => {
    const data = new Counted(10);
    const loader = new Loader(data, 2, rng(0));
    await loader.next(0);
    await loader.dispose();
    await expect(loader.next(1)).rejects.toThrow('The loader is closed.');
    expect(data.reads).toBe(3);
  });

  it('refuses a batch larger than the set', () => {
    expect(() => new Loader(new Counted(10), 16, rng(0))).toThrow(
      'counted has 10 images, fewer than one batch of 16. [RECIPE_INVALID]\n' +
        '  where: batchSize\n' +
        '  fix:   Set batchSize to 10 or less, or add images.',
    );
  });
});
