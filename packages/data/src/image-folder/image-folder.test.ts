import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CapturedNotices, damagedPng, plainImage, useTemporaryFolder, writeFiles } from '#support/images.js';
import { rng } from '@hastejs/tensor';
import type { z } from 'zod';
import type { ImageFolderDataset } from './dataset.js';
import { imageFolder } from './image-folder.js';

const AREA = 16 * 16;
const all = (length: number): Int32Array => Int32Array.from({ length }, (_, i) => i);

describe('imageFolder', () => {
  const folder = useTemporaryFolder();
  const opened: ImageFolderDataset[] = [];
  let notices: CapturedNotices;
  let damaged: Buffer;
  const colours: Record<string, Buffer> = {};

  beforeAll(async () => {
    damaged = await damagedPng();
    for (const red of [1, 2, 3, 4]) colours[red] = await plainImage(`rgb(${red}, 0, 200)`);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((data) => data.dispose()));
  });

  async function open(options: Partial<z.input<typeof imageFolder.options>> = {}): Promise<ImageFolderDataset> {
    notices = new CapturedNotices();
    const files = { resolve: (path: string) => path };
    const parsed = imageFolder.options.parse({ dir: folder(), size: 16, workers: 1, ...options });
    const data = (await imageFolder.create(parsed, { files, notices })) as ImageFolderDataset;
    opened.push(data);
    return data;
  }
  /** The red value of each image's first pixel. */
  async function reds(data: ImageFolderDataset, indices = all(data.spec.length), draw = rng(0)): Promise<number[]> {
    const { images_BCHW } = await data.read(indices, draw);
    const size = data.spec.image.channels * AREA;
    return Array.from(indices, (_, b) => images_BCHW[b * size]!);
  }
  const writeFour = (second = colours[2]!) =>
    writeFiles(folder(), { 'a/1.png': colours[1]!, 'a/2.png': second, 'b/3.png': colours[3]!, 'b/4.png': colours[4]! });

  it('reads the images asked for in that order, with their labels', async () => {
    await writeFour();
    const data = await open();
    expect(data.spec).toMatchObject({ length: 4, classes: ['a', 'b'], image: { channels: 3, height: 16, width: 16 } });
    const { images_BCHW, labels_B } = await data.read(Int32Array.of(3, 0, 0, 2, 1), rng(0));
    expect([...labels_B]).toEqual([1, 0, 0, 1, 0]);
    expect([0, 1, 2, 3, 4].map((b) => images_BCHW[b * 3 * AREA])).toEqual([4, 1, 1, 3, 2]);
    expect(images_BCHW[2 * AREA]).toBe(200);
    expect(data.skipped).toEqual([]);
    await expect(data.read(Int32Array.of(4), rng(0))).rejects.toThrow('there is no image 4');
  });

  it('takes grey images among colour ones, and colour as grey', async () => {
    const grey = (await import('sharp')).default(new Uint8Array(AREA).fill(77), {
      raw: { width: 16, height: 16, channels: 1 },
    });
    await writeFour(await grey.toColourspace('b-w').png().toBuffer());
    expect(await reds(await open())).toEqual([1, 77, 3, 4]);
    // Luma of (r, 0, 200) is 22.8 + 0.299 r.
    expect(await reds(await open({ channels: 1 }))).toEqual([23, 77, 24, 24]);
  });

  it('stops at a damaged image, with its path and what to do', async () => {
    await writeFour(damaged);
    await expect((await open()).read(all(4), rng(0))).rejects.toThrow(
      'An image cannot be decoded: its PNG data is damaged or cut short. [IMAGE_UNREADABLE]\n' +
        `  where: ${join(folder(), 'a/2.png')}\n` +
        "  fix:   Replace or remove the file, or set onBadImage: 'skip' to go on without such files.",
    );
  });

  it('stops at a bad file that the scan finds, before anything runs', async () => {
    await writeFour(Buffer.alloc(0));
    await symlink('..', join(folder(), 'b/up'));
    await expect(open()).rejects.toThrow(
      'The file a/2.png is empty (0 bytes) (and 1 more bad file). [IMAGE_UNREADABLE]\n' +
        `  where: ${join(folder(), 'a/2.png')}\n` +
        "  fix:   Replace or remove it, or set onBadImage: 'skip' to go on without such files.",
    );
  });

  it('skips and counts bad files: those of the scan have no index, damaged ones a stand-in of their class', async () => {
    await writeFour(damaged);
    await writeFiles(folder(), { 'a/0.png': '', 'b/5.png': damaged, 'b/notes.txt': 'x' });
    const data = await open({ onBadImage: 'skip' });
    expect(data.spec.length).toBe(5);
    expect(notices.warnings).toEqual(['Skipped 1 bad file: a/0.png is empty (0 bytes); 5 images left.']);
    expect(notices.infos).toEqual(['Passed over 1 file of other kinds or outside the classes: b/notes.txt.']);
    expect(await reds(data)).toEqual([1, 1, 3, 4, 3]);
    expect(await reds(data)).toEqual([1, 1, 3, 4, 3]);
    expect(data.skipped.map(({ path }) => path)).toEqual(['a/0.png', 'a/2.png', 'b/5.png']);
    expect(notices.warnings).toHaveLength(3);
    expect(notices.warnings.slice(1).sort()[0]).toMatch(
      /^Skipped a\/2\.png: its PNG data is damaged or cut short\. Another image of its class stands in \([23] bad files so far\)\.$/,
    );
  });

  it('has the same stand-ins whatever is read first', async () => {
    const names = ['1', '2', '3', '4', '5', '6', '7', '8'];
    const whole = new Set(['3', '6']);
    for (const name of names)
      await writeFiles(folder(), { [`a/${name}.png`]: whole.has(name) ? colours[Number(name) % 5 || 2]! : damaged });
    const expected = await reds(await open({ onBadImage: 'skip' }));
    for (const order of [
      [7, 6, 5, 4, 3, 2, 1, 0],
      [3, 4, 3, 4, 7, 0, 1, 2],
    ]) {
      const data = await open({ onBadImage: 'skip', workers: 2, cacheMiB: 0 });
      for (const index of order) expect(await reds(data, Int32Array.of(index))).toEqual([expected[index]]);
    }
  });

  it('refuses a class whose every image is damaged', async () => {
    await writeFiles(folder(), { 'a/1.png': damaged, 'a/2.png': damaged, 'b/3.png': colours[3]! });
    await expect((await open({ onBadImage: 'skip' })).read(all(3), rng(0))).rejects.toThrow(
      `Every image of the class 'a' is damaged. [DATA_EMPTY]\n  where: ${join(folder(), 'a')}\n` +
        '  fix:   Replace its images by whole ones, or remove the folder.',
    );
  });

  it('never skips a file that is gone: that may pass', async () => {
    await writeFour();
    const data = await open({ onBadImage: 'skip' });
    await rm(join(folder(), 'a/2.png'));
    await expect(data.read(all(4), rng(0))).rejects.toThrow(
      /^An image can no longer be read: ENOENT: .*\[DATA_MISSING\]/,
    );
    expect(data.skipped).toEqual([]);
  });

  it('mirrors by the draws of the step alone', async () => {
    const half = Uint8Array.from({ length: AREA * 3 }, (_, i) => (Math.floor(i / 3) % 16 < 8 ? 10 : 90));
    const png = await (
      await import('sharp')
    )
      .default(half, { raw: { width: 16, height: 16, channels: 3 } })
      .png()
      .toBuffer();
    await writeFiles(folder(), { 'a/1.png': png });
    const data = await open({ flip: true });
    const twenty = new Int32Array(20);
    const first = await reds(data, twenty, rng(0).at(1));
    expect(new Set(first)).toEqual(new Set([10, 90]));
    expect(await reds(data, twenty, rng(0).at(1))).toEqual(first);
    expect(await reds(data, twenty, rng(0).at(2))).not.toEqual(first);
    expect(new Set(await reds(await open(), twenty))).toEqual(new Set([10]));
    expect((await open()).spec.variants).toEqual(['plain']);

    // What came out says which variant it is, and that variant can be asked for.
    expect(data.spec.variants).toEqual(['plain', 'mirrored']);
    const drawn = await data.read(twenty, rng(0).at(1));
    expect(Array.from(drawn.variants_B!, (variant) => [10, 90][variant])).toEqual(first);
    const items = { indices_B: twenty, variants_B: drawn.variants_B! };
    expect(await data.readItems(items)).toEqual(drawn);
  });

  it('decodes an image once while the cache has room, and again without one', async () => {
    await writeFour();
    const cached = await open();
    const uncached = await open({ cacheMiB: 0 });
    await Promise.all([reds(cached), reds(uncached)]);
    await writeFile(join(folder(), 'a/1.png'), colours[4]!);
    expect(await reds(cached)).toEqual([1, 2, 3, 4]);
    expect(await reds(uncached)).toEqual([4, 2, 3, 4]);
  });

  it('rejects what is under way when it is disposed', async () => {
    await writeFour();
    const data = await open();
    const rejected = expect(data.read(all(4), rng(0))).rejects.toThrow('The image decoder was closed.');
    await data.dispose();
    await rejected;
  });

  it('has a fingerprint of names, sizes and options, not of place or times', async () => {
    await writeFour();
    const print = async (options = {}) => (await open(options)).spec.fingerprint;
    const before = await print();
    await writeFour();
    expect(await print({ workers: 1, cacheMiB: 0, onBadImage: 'skip' })).toBe(before);
    expect(await print({ size: 32 })).not.toBe(before);
    expect(await print({ channels: 1 })).not.toBe(before);
    expect(await print({ flip: true })).not.toBe(before);
    await writeFiles(folder(), { 'b/5.png': colours[1]! });
    expect(await print()).not.toBe(before);
  });
});
