import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { CapturedNotices, useTemporaryFolder, writeFiles } from '#support/images.js';
import { rng } from '@hastejs/tensor';
import type { z } from 'zod';
import { fashionMnist } from './fashion-mnist.js';
import { SHIPPED_FOLDER, chooseSource } from './source.js';

const header = (...shape: number[]) => [0, 0, 8, shape.length, ...shape.flatMap((length) => [0, 0, 0, length])];
const IMAGES = Uint8Array.of(...header(2, 1, 2), 10, 11, 20, 21);
const LABELS = Uint8Array.of(...header(2), 9, 0);

function open(options: z.input<typeof fashionMnist.options>, notices = new CapturedNotices()) {
  const files = { resolve: (path: string) => path };
  return fashionMnist.create(fashionMnist.options.parse(options), { files, notices });
}

describe('fashionMnist', () => {
  const folder = useTemporaryFolder();
  const write = (images: Uint8Array, labels: Uint8Array) =>
    writeFiles(folder(), { 'train-images-idx3-ubyte.gz': images, 'train-labels-idx1-ubyte.gz': labels });

  it.each([
    ['train', 10_000, '73194a0c'],
    ['test', 2_000, '8e8b02fc'],
  ] as const)('ships a balanced part of the %s split', async (split, length, fingerprint) => {
    const notices = new CapturedNotices();
    const data = await open({ split, source: 'shipped' }, notices);
    expect(data.spec).toMatchObject({
      name: `Fashion-MNIST ${split}, the part shipped with Haste`,
      length,
      image: { channels: 1, height: 28, width: 28 },
    });
    expect(data.spec.fingerprint.slice(0, 8)).toBe(fingerprint);
    const { labels_B } = await data.read(
      Int32Array.from({ length }, (_, i) => i),
      rng(0),
    );
    const counts = data.spec.classes.map((_, label) => labels_B.filter((other) => other === label).length);
    expect(counts).toEqual(Array(10).fill(length / 10));
    const count = length.toLocaleString('en-US');
    expect(notices.infos).toEqual([`Fashion-MNIST ${split}, the part shipped with Haste: ${count} images.`]);
  });

  it('reads the images asked for, in that order', async () => {
    await write(gzipSync(IMAGES), gzipSync(LABELS));
    const data = await open({ dir: folder() });
    expect(data.spec.name).toBe(`Fashion-MNIST train, from ${folder()}`);
    const { images_BCHW, labels_B } = await data.read(Int32Array.of(1, 0, 1), rng(0));
    expect([...images_BCHW]).toEqual([20, 21, 10, 11, 20, 21]);
    expect([...labels_B]).toEqual([0, 9, 0]);
    await expect(data.read(Int32Array.of(2), rng(0))).rejects.toThrow('there is no image 2');
  });

  it('reads files that somebody unpacked', async () => {
    await writeFiles(folder(), { 'train-images-idx3-ubyte': IMAGES, 'train-labels-idx1-ubyte': LABELS });
    expect((await open({ dir: folder() })).spec.length).toBe(2);
  });

  it('has another fingerprint for other labels', async () => {
    await write(gzipSync(IMAGES), gzipSync(LABELS));
    const one = await open({ dir: folder() });
    await write(gzipSync(IMAGES), gzipSync(Uint8Array.of(...header(2), 9, 1)));
    expect((await open({ dir: folder() })).spec.fingerprint).not.toBe(one.spec.fingerprint);
  });

  it.each([
    ['cut short', () => gzipSync(IMAGES).subarray(0, 25), gzipSync(LABELS), 'The compressed file is cut short.'],
    ['not packed', () => Buffer.from('hello'), gzipSync(LABELS), 'The file cannot be unpacked (Z_DATA_ERROR).'],
    [
      'of other length',
      () => gzipSync(IMAGES),
      gzipSync(Uint8Array.of(...header(1), 9)),
      'There are 1 labels for 2 images.',
    ],
    [
      'of unknown class',
      () => gzipSync(IMAGES),
      gzipSync(Uint8Array.of(...header(2), 9, 10)),
      'The labels name class 10; there are 10.',
    ],
    ['empty', () => gzipSync(Uint8Array.of(...header(0, 1, 2))), gzipSync(LABELS), 'The IDX file holds no images.'],
  ])('refuses files that are %s', async (_name, images, labels, what) => {
    await write(images(), labels);
    await expect(open({ dir: folder() })).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE', what });
  });

  it('says which file is missing, and where to get it', async () => {
    await expect(open({ dir: folder(), split: 'test' })).rejects.toThrow(
      'A file of Fashion-MNIST is missing. [DATA_MISSING]\n' +
        `  where: ${join(folder(), 't10k-images-idx3-ubyte.gz')}\n` +
        "  fix:   Install Debian's dataset-fashion-mnist, set dir to a folder with the four IDX files, or set source: 'shipped'.",
    );
  });

  it('takes either a folder or a source', () => {
    const { error } = fashionMnist.options.safeParse({ dir: 'a', source: 'system' });
    expect(error?.issues.map(({ message }) => message)).toEqual([
      'Give either dir or source: dir already says where the images are.',
    ]);
  });
});

describe('the source', () => {
  const folder = useTemporaryFolder();

  it("is the system's full set where it is whole, otherwise the shipped part", async () => {
    expect((await chooseSource('auto', 'train', undefined, folder())).folder).toBe(SHIPPED_FOLDER);
    const shipped = await readFile(join(SHIPPED_FOLDER, 'train-labels-idx1-ubyte.gz'));
    expect(gunzipSync(shipped)).toHaveLength(8 + 10_000);
    await writeFiles(folder(), { 'train-images-idx3-ubyte.gz': '', 'train-labels-idx1-ubyte.gz': '' });
    expect((await chooseSource('auto', 'train', undefined, folder())).folder).toBe(folder());
    expect((await chooseSource('auto', 'test', undefined, folder())).folder).toBe(SHIPPED_FOLDER);
    expect((await chooseSource('shipped', 'train', undefined, folder())).folder).toBe(SHIPPED_FOLDER);
    expect((await chooseSource('system', 'test', undefined, folder())).folder).toBe(folder());
  });
});
