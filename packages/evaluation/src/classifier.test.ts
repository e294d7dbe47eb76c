import { join } from 'node:path';
import type { Dataset, ImageShape } from '@hastejs/plugin-api';
import { type Tensor, tf, writeSafetensors } from '@hastejs/tensor';
import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaksAsync } from '#support/leaks.js';
import { temporaryFolder } from '#support/toy-run.js';
import { CLASSIFIER_METADATA, Classifier, openClassifier } from './classifier.js';
import { judge, judgeDataset, scoreSamples } from './evaluate.js';
import { networkParameters } from './network.js';
import { evenLabels, testSplitOf } from './reference.js';

const SPEC = {
  ...{ channels: 2, side: 8, widths: [3, 4, 5] as const, features: 6, classes: 3 },
  normalisation: { mean: 0.3, std: 0.5 },
};
const SHAPE: ImageShape = { channels: 2, height: 8, width: 8 };
const SIZE = 2 * 8 * 8;

/** Weights and pixels by formula, so that PyTorch could have the same. */
const WEIGHTS = Object.entries(networkParameters(SPEC)).map(([name, { shape }], k) => {
  const size = shape.reduce((product, length) => product * length, 1);
  return [name, shape, Float32Array.from({ length: size }, (_, i) => 0.4 * Math.sin(0.37 * i + k))] as const;
});
const PIXELS = Uint8Array.from({ length: 2 * SIZE }, (_, i) => (37 * i + 11) % 256);

const classifier = () =>
  new Classifier(
    SPEC,
    Object.fromEntries(WEIGHTS.map(([name, shape, data]): [string, Tensor] => [name, tf.tensor(data, [...shape])])),
  );

describeEachBackend('Classifier', () => {
  it('sees what the same network in PyTorch sees, in float64', async () => {
    const network = classifier();
    const { features_BD, guesses_B } = await network.look(PIXELS, SHAPE);
    const expected = [
      ...[0.005042088112, 0.03555253797, 0.2103445743662, 0.4255928216143, 0.4154153682554, 0.1779844326143],
      ...[0.002105284354, 0.1770518149325, 0.3749173905906, 0.3839628239547, 0.2139055138788, 0.0688790600934],
    ];
    expect(features_BD).toHaveLength(12);
    for (const [i, value] of expected.entries()) expect(features_BD[i]).toBeCloseTo(value, 5);
    expect([...guesses_B]).toEqual([0, 0]);
    network.dispose();
  });

  it('leaves nothing behind', async () => {
    await expectNoLeaksAsync(async () => {
      const network = classifier();
      await network.look(PIXELS, SHAPE);
      await expect(network.look(PIXELS, { ...SHAPE, channels: 1 })).rejects.toThrow('2×8×8 images; these are 1×8×8');
      network.dispose();
    });
  });
});

describeEachBackend('judging', () => {
  // 450 images: more than are seen together, and no multiple of it.
  const images_BCHW = Uint8Array.from({ length: 450 * SIZE }, (_, i) => (i * (1 + (i >> 7))) % 251);
  let network: Classifier;
  beforeEach(() => (network = classifier()));
  afterEach(() => network.dispose());

  it('gives samples and data sets of the same images the same moments, and so no distance', async () => {
    const { guesses_B } = await network.look(images_BCHW, SHAPE);
    // A third of the labels is the classifier's own guess, the others are another.
    const labels_B = guesses_B.map((guess, i) => (i % 3 === 0 ? guess : (guess + 1) % 3));
    const dataset = {
      spec: { length: 450, image: SHAPE },
      read: async (indices: Int32Array) => ({
        images_BCHW: Uint8Array.from([...indices].flatMap((i) => [...images_BCHW.subarray(i * SIZE, (i + 1) * SIZE)])),
        labels_B: indices.map((i) => labels_B[i]!),
      }),
    } as unknown as Dataset;
    const { moments, accuracy } = await judgeDataset(network, dataset);
    expect([moments.count, accuracy]).toEqual([450, 150 / 450]);
    const score = await scoreSamples(network, { images_BCHW, labels_B, shape: SHAPE }, moments);
    expect(score).toMatchObject({ accuracy: 150 / 450, samples: 450 });
    expect(score.frechet).toBeCloseTo(0, 9);
    const ten = { images_BCHW: images_BCHW.subarray(0, 10 * SIZE), labels_B: labels_B.subarray(0, 10), shape: SHAPE };
    expect(await judgeDataset(network, dataset, 10)).toEqual(await judge(network, ten));
  });
});

describe('openClassifier', () => {
  const folder = temporaryFolder();
  const write = async (name: string, description: unknown, left: readonly string[] = []): Promise<string> => {
    const tensors = WEIGHTS.filter(([each]) => !left.includes(each));
    const path = folder.path(name);
    await writeSafetensors(
      path,
      Object.fromEntries(tensors.map(([each, shape, data]) => [each, { dtype: 'F32', shape: [...shape], data }])),
      { [CLASSIFIER_METADATA]: JSON.stringify(description) },
    );
    return path;
  };

  it('refuses files that hold none', async () => {
    await expect(openClassifier(join(folder.path(), 'absent'))).rejects.toMatchObject({ code: 'WEIGHTS_UNREADABLE' });
    await expect(openClassifier(await write('bare', undefined))).rejects.toThrow(
      "no description under 'haste.classifier'",
    );
    await expect(openClassifier(await write('part', SPEC, ['norm.bias']))).rejects.toThrow("'norm.bias' is missing");
  });
});

describe('what samples are compared with', () => {
  it('is the test split, where there is one', () => {
    const data = { kind: 'dataset', id: 'data/x', with: { split: 'train', source: 'auto' } } as const;
    expect(testSplitOf(data).with).toEqual({ split: 'test', source: 'auto' });
    expect(() => testSplitOf({ ...data, with: {} })).toThrow('data/x has no test images');
  });

  it('has labels of every class, equally many up to one', () => {
    expect([...evenLabels(3, 7)]).toEqual([0, 0, 0, 1, 1, 2, 2]);
    expect([...evenLabels(2, 4)]).toEqual([0, 0, 1, 1]);
  });
});
