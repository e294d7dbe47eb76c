import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rng } from '@hastejs/tensor';
import sharp from 'sharp';
import { writeFiles } from '#support/images.js';
import { testBuiltins } from './test-builtins.js';

const lines = async (folder: string) =>
  (await readFile(join(folder, 'metrics.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { step, ...values } = JSON.parse(line) as { step: number } & Record<string, number>;
      return { step, values };
    });
const schedule = { weightDecay: 0.1, warmup: 3, decay: { until: 50 } };

testBuiltins(['dataset', 'student', 'sampler', 'optimizer', 'logger'], async (root) => {
  await writePhotos(root);
  return {
    'data/fashion-mnist': { options: { source: 'shipped' }, refuses: [{ options: { dir: 'no-such-folder' } }] },
    'data/image-folder': {
      options: { dir: 'photos', size: 16, workers: 1, flip: true },
      files: root,
      refuses: [{ options: { dir: 'no-such-folder', size: 16 }, says: /no-such-folder/ }],
    },
    'student/sit': { options: { hiddenSize: 16, depth: 2, numHeads: 2, patchSize: 4 } },
    'sampler/euler': {},
    'sampler/heun': { options: { steps: 40 } },
    'sampler/euler-maruyama': {},
    'optimizer/adamw': [{ options: { lr: 0.05 } }, { name: 'scheduled', options: { lr: 0.05, ...schedule } }],
    'logger/jsonl': { read: lines },
  };
});

/** Four images of noise in two classes: the mirror image of noise is another. */
async function writePhotos(root: string): Promise<void> {
  const photos = ['cats/a', 'cats/b', 'dogs/a', 'dogs/b'].map(async (name, i) => {
    const pixels = Uint8Array.from(rng(i).uniform(16 * 16 * 3), (u) => 256 * u);
    const image = await sharp(pixels, { raw: { width: 16, height: 16, channels: 3 } })
      .png()
      .toBuffer();
    return [join('photos', `${name}.png`), image] as const;
  });
  await writeFiles(root, Object.fromEntries(await Promise.all(photos)));
}
