// What a data set promises (plugin-api, Dataset). B batch, C channels, H height, W width.
import type { Dataset } from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import type { Bench } from '../../bench/bench.js';
import { must } from '../../contract/contract-fault.js';
import { leftOpen, openResources } from '../../measure/open-resources.js';
import { count } from '../../measure/words.js';
import { itemsOf, mustBeNames, mustBeSame, mustFit, read, some } from './dataset-batches.js';

type Subject = Bench<'dataset'>;
const WHERE = 'read()';

export const datasetChecks = {
  'declares images, classes and a fingerprint': async (bench: Subject) => {
    const [{ spec }, other] = [await bench.create(), await bench.create()];
    const { channels, height, width } = spec.image;
    const counts = { length: spec.length, channels, height, width };
    const wrong = Object.entries(counts).filter(([, count]) => !Number.isInteger(count) || count < 1);
    must(wrong.length === 0, {
      what: `The spec says ${wrong.map(([name, count]) => `${name}: ${count}`).join(', ')}.`,
      where: 'spec',
      fix: 'Each is a whole number above 0; a set without images is refused in create().',
    });
    mustBeNames('classes', spec.classes);
    if (spec.variants) mustBeNames('variants', spec.variants);
    must(typeof spec.fingerprint === 'string' && spec.fingerprint !== '', {
      what: 'The fingerprint is empty.',
      where: 'spec',
      fix: 'Hash what images, labels and order follow from: a resumed run refuses other data by it.',
    });
    must(other.spec.fingerprint === spec.fingerprint, {
      what: `Created twice, its fingerprint is ${spec.fingerprint}, then ${other.spec.fingerprint}.`,
      where: 'spec',
      fix: 'Hash contents, and no time, path or order of a directory listing.',
    });
  },
  'gives batches of the images that it declares': async (bench: Subject) => {
    const dataset = await bench.create();
    for (const indices of [some(dataset, 5), some(dataset, 1)])
      mustFit(dataset, await read(dataset, indices), indices.length);
  },
  'gives the same batch for the same draw': async (bench: Subject) => {
    const [dataset, other] = [await bench.create(), await bench.create()];
    const indices = some(dataset, 6);
    const first = await read(dataset, indices);
    mustBeSame(
      first,
      await read(dataset, indices),
      'asked again',
      'Draw augmentation from the rng that read() is given, and from nothing else.',
    );
    mustBeSame(
      first,
      await read(other, indices),
      'created anew',
      'Let images, labels and their order follow from the options and files alone: a resumed run opens its data again.',
    );
  },
  'gives an image in a variant the same pixels, wherever it stands': async (bench: Subject) => {
    const dataset = await bench.create();
    const { spec } = dataset;
    if (!spec.variants) return mustKeepLabels(dataset);
    const known = new Map<string, string>();
    const indices = some(dataset, 6);
    const orders = [indices, indices.toReversed(), Int32Array.from([indices[2]!, indices[2]!, indices[0]!])];
    for (const [draw, order] of orders.entries()) {
      for (const [key, pixels] of itemsOf(dataset, await read(dataset, order, draw), order)) {
        must((known.get(key) ?? pixels) === pixels, {
          what: `Image ${key} has other pixels or another label in another batch.`,
          where: WHERE,
          fix: 'Row b is image indices[b], whatever the order; what augmentation did to it is told in variants_B.',
        });
        known.set(key, pixels);
      }
    }
  },
  'reads the variants that it names': async (bench: Subject) => {
    const dataset = await bench.create();
    const { variants = [] } = dataset.spec;
    must(variants.length < 2 || dataset.readItems !== undefined, {
      what: `It names the variants ${variants.join(', ')} and has no readItems().`,
      where: 'readItems()',
      fix: 'Give the images in the variants asked for: features are computed ahead by it.',
    });
    if (!dataset.readItems) return;
    const indices_B = some(dataset, 4);
    const drawn = await read(dataset, indices_B);
    const variants_B = drawn.variants_B ?? new Uint8Array(indices_B.length);
    mustBeSame(
      drawn,
      await dataset.readItems({ indices_B, variants_B }),
      'asked for by variant',
      'Let read() draw variants and call readItems().',
    );
    const looks = await Promise.all(
      variants.map((_, variant) => dataset.readItems!({ indices_B, variants_B: new Uint8Array(4).fill(variant) })),
    );
    const texts = looks.map(({ images_BCHW }) => Buffer.from(images_BCHW).toString('base64'));
    const twins = variants.filter((_, i) => texts.indexOf(texts[i]!) !== i);
    must(twins.length === 0, {
      what: `The variant ${twins.join(', ')} is the same as another.`,
      where: 'readItems()',
      fix: 'Name only forms that differ, and give the one that is asked for.',
    });
  },
  'reads several batches at once': async (bench: Subject) => {
    const dataset = await bench.create();
    const all = [0, 1, 2, 3].map((draw) => [some(dataset, 3 + draw), draw] as const);
    const together = await Promise.all(all.map(([indices, draw]) => read(dataset, indices, draw)));
    for (const [i, [indices, draw]] of all.entries()) {
      mustBeSame(
        await read(dataset, indices, draw),
        together[i]!,
        'read beside others',
        'Give each read its own buffers: the loader reads ahead.',
      );
    }
  },
  'refuses images that it does not have': async (bench: Subject) => {
    const dataset = await bench.create();
    for (const index of [dataset.spec.length, -1]) {
      const error = await read(dataset, Int32Array.from([index])).then(
        () => null,
        (thrown: unknown) => thrown as Error,
      );
      must(error !== null, {
        what: `Of ${dataset.spec.length} images it gave image ${index}.`,
        where: WHERE,
        fix: `Reject with an error that names the index.`,
      });
    }
  },
  'leaves alone what it is given, and makes no tensors': async (bench: Subject) => {
    const before = tf.memory().numTensors;
    const dataset = await bench.create();
    const indices = some(dataset, 4);
    const given = indices.slice();
    await read(dataset, indices);
    must(indices.join() === given.join(), {
      what: `It changed the indices ${given.join(', ')} to ${indices.join(', ')}.`,
      where: WHERE,
      fix: 'They belong to the caller: copy what you sort.',
    });
    must(tf.memory().numTensors === before, {
      what: `It made ${count(tf.memory().numTensors - before, 'tensor')}.`,
      where: WHERE,
      fix: 'Data stays in host memory: it is read beside the training, and put on the backend by the trainer.',
    });
  },
  'lets go of everything when it is disposed of, twice too': async (bench: Subject) => {
    const before = openResources();
    const dataset = await bench.create();
    await read(dataset, some(dataset, 4));
    await dataset.dispose();
    await Promise.resolve(dataset.dispose()).catch((error: Error) => {
      must(false, {
        what: `The second dispose() failed: ${error.message}`,
        where: 'dispose()',
        fix: 'Remember that it was disposed of, and do nothing.',
      });
    });
    const left = await leftOpen(before);
    must(left.length === 0, {
      what: `After dispose() it keeps ${left.join(', ')} open.`,
      where: 'dispose()',
      fix: 'End threads, close files and sockets, and wait for it.',
    });
  },
};

/** Augmentation that cannot be counted may give any pixels; the label is the image's own. */
async function mustKeepLabels(dataset: Dataset): Promise<void> {
  const indices = some(dataset, 6);
  const [there, back] = [await read(dataset, indices), await read(dataset, indices.toReversed(), 1)];
  const same = back.labels_B.toReversed().join() === there.labels_B.join();
  must(same, {
    what: `The labels of images ${indices.join(', ')} are ${there.labels_B.join(', ')}, and ${back.labels_B.join(', ')} when they are asked for backwards.`,
    where: WHERE,
    fix: 'Row b is image indices[b], whatever the order.',
  });
}
