import { type DataSpec, type Dataset, type ImageBatch, defineDataset } from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import { datasetContract, fakeDataSpec, fakeImages } from '@hastejs/testkit';
import { createServer, type Server } from 'node:net';
import { z } from 'zod';
import { type BrokenTable, expectCaught } from './expect-caught.js';

/** The made-up data, in two variants, with something broken. */
const broken = (name: string, change: (good: Dataset) => Partial<Dataset>) =>
  datasetContract(
    defineDataset({
      id: `broken/${name}`,
      summary: 'Broken on purpose.',
      options: z.strictObject({}),
      create: (): Dataset => {
        const good = inverted();
        return { ...good, ...change(good) };
      },
    }),
  );

/** Plain or inverted, drawn for each row. */
function inverted(): Dataset {
  const spec: DataSpec = { ...fakeDataSpec(), variants: ['plain', 'inverted'] };
  const readItems: NonNullable<Dataset['readItems']> = async ({ indices_B, variants_B }) => {
    const { images_BCHW, labels_B } = fakeImages(spec, indices_B);
    const size = images_BCHW.length / indices_B.length;
    return {
      images_BCHW: images_BCHW.map((x, i) => (variants_B[Math.floor(i / size)] ? 255 - x : x)),
      labels_B,
      variants_B,
    };
  };
  return {
    spec,
    readItems,
    read: (indices, rng) =>
      readItems({ indices_B: indices, variants_B: Uint8Array.from(rng.integers(indices.length, 2)) }),
    dispose: () => undefined,
  };
}

const spec = (change: Partial<DataSpec>) => (good: Dataset) => ({ spec: { ...good.spec, ...change } });
const batch = (f: (batch: ImageBatch, indices: Int32Array) => Partial<ImageBatch>) => (good: Dataset) => ({
  read: async (...given: Parameters<Dataset['read']>): Promise<ImageBatch> => {
    const read = await good.read(...given);
    return { ...read, ...f(read, given[0]) };
  },
});
let calls = 0;
const servers: Server[] = [];
afterAll(() => servers.forEach((server) => server.close()));

const TABLE: BrokenTable<'dataset'> = {
  'declares images, classes and a fingerprint': [
    [broken('empty', spec({ length: 0 })), 'The spec says length: 0.'],
    [broken('classes', spec({ classes: ['cat', 'cat'] })), 'Its classes are ["cat","cat"].'],
    [broken('print', spec({ fingerprint: '' })), 'The fingerprint is empty.'],
    [
      broken('dated', (good) => spec({ fingerprint: `${calls++}` })(good)),
      /^Created twice, its fingerprint is \d+, then \d+\.$/,
    ],
  ],
  'gives batches of the images that it declares': [
    [broken('short', batch(({ images_BCHW }) => ({ images_BCHW: images_BCHW.slice(1) }))), 'For 5 images of 3×8×12 it gave Uint8Array of 1439, not Uint8Array of 1440.'], // prettier-ignore
    [broken('scaled', batch(({ images_BCHW }) => ({ images_BCHW: Float32Array.from(images_BCHW) as never }))), 'For 5 images of 3×8×12 it gave Float32Array of 1440, not Uint8Array of 1440.'], // prettier-ignore
    [broken('from-one', batch(({ labels_B }) => ({ labels_B: labels_B.map(() => 3) }))), 'It gave the label 3, 3, 3, 3, 3; there are 3 classes, from 0.'], // prettier-ignore
    [broken('variants', batch(({ variants_B }) => ({ variants_B: variants_B!.map(() => 2) }))), 'Its variants_B are 2, 2, 2, 2, 2; the spec names 2.'], // prettier-ignore
  ],
  'gives the same batch for the same draw': [
    [broken('drawn', batch(({ images_BCHW }) => ({ images_BCHW: images_BCHW.map((x) => x ^ calls++) }))), 'For the same indices and draw, asked again, its images_BCHW differ.'], // prettier-ignore
    [
      broken('own-order', (good) => {
        const own = calls++;
        return batch(({ labels_B }) => ({ labels_B: labels_B.map((label) => (label + own) % 3) }))(good);
      }),
      'For the same indices and draw, created anew, its labels_B differ.',
    ],
  ],
  'gives an image in a variant the same pixels, wherever it stands': [
    [broken('sorting', ({ read }) => ({ read: async (indices, rng) => ({ ...(await read(indices.toSorted(), rng)) }) })), /^Image \d+ \((plain|inverted)\) has other pixels or another label in another batch\.$/], // prettier-ignore
    [broken('untold', batch(() => ({ variants_B: new Uint8Array(6) }))), /^Image \d+ \(plain\) has other pixels or another label in another batch\.$/], // prettier-ignore
    [broken('uncounted', (good) => { const { variants: _none, ...rest } = good.spec; return { spec: rest, ...batch(({ labels_B }) => ({ labels_B: labels_B.toSorted() }))(good) }; }), /^The labels of images [\d, ]+ are [\d, ]+, and [\d, ]+ when they are asked for backwards\.$/], // prettier-ignore
  ],
  'reads the variants that it names': [
    [broken('unread', ({ readItems: _none, ...good }) => ({ ...good, readItems: undefined as never })), 'It names the variants plain, inverted and has no readItems().'], // prettier-ignore
    [broken('deaf', ({ readItems }) => ({ readItems: (items) => readItems!({ ...items, variants_B: items.variants_B.map(() => 0) }), read: (indices) => readItems!({ indices_B: indices, variants_B: new Uint8Array(indices.length) }) })), 'The variant inverted is the same as another.'], // prettier-ignore
    [broken('apart', ({ readItems }) => ({ readItems: (items) => readItems!({ ...items, variants_B: items.variants_B.map((v) => 1 - v) }) })), 'For the same indices and draw, asked for by variant, its images_BCHW differ.'], // prettier-ignore
  ],
  'reads several batches at once': [
    [
      broken('shared', ({ read }) => {
        let pending: Promise<ImageBatch> | null = null;
        return { read: (indices, rng) => (pending ??= read(indices, rng).finally(() => (pending = null))) };
      }),
      /^For the same indices and draw, read beside others, its images_BCHW and labels_B differ\.$/,
    ],
  ],
  'refuses images that it does not have': [
    [broken('wrapping', ({ read, spec }) => ({ read: (indices, rng) => read(indices.map((i) => Math.abs(i) % spec.length), rng) })), 'Of 24 images it gave image 24.'], // prettier-ignore
  ],
  'leaves alone what it is given, and makes no tensors': [
    [broken('sorting', ({ read }) => ({ read: (indices, rng) => read(indices.sort(), rng) })), /^It changed the indices [\d, ]+ to [\d, ]+\.$/], // prettier-ignore
    [
      broken(
        'tensors',
        batch(() => (tf.scalar(1), {})),
      ),
      'It made 1 tensor.',
    ],
  ],
  'lets go of everything when it is disposed of, twice too': [
    [
      broken('once', () => {
        let gone = false;
        return {
          dispose: async () => {
            if (gone) throw new Error('it is closed');
            gone = true;
          },
        };
      }),
      'The second dispose() failed: it is closed',
    ],
    [
      broken('listening', ({ read }) => ({
        read: async (indices, rng) => {
          const server = createServer();
          servers.push(server);
          await new Promise<void>((done) => server.listen(0, () => done()));
          return read(indices, rng);
        },
      })),
      'After dispose() it keeps TCPServerWrap open.',
    ],
  ],
};

describe('a broken data set is caught', () => expectCaught(TABLE));
