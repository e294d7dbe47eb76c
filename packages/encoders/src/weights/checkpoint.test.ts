// Encoders from PyTorch's own files, end to end.
import type { VitHint } from '@hastejs/models';
import { type Tensor4D, hostFloats, rng, tf, writeSafetensors } from '@hastejs/tensor';
import { openWeights } from '@hastejs/weights';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { activateBackend } from '#support/backends.js';
import { useTemporaryFolder } from '#support/images.js';
import { checkpointOf } from '#support/torch-files.js';
import { PUBLISHED_FORMS, zerosOfForm } from '#support/vit-files.js';
import { tensorsOf } from '../chunks.js';
import { openEncoder } from '../encoder.js';
import { encoderFingerprint } from '../teacher/fingerprint.js';
import { locateWeights } from './locate.js';

const folder = useTemporaryFolder();
/** Written by torch: a training script's checkpoint with a student and a teacher, a ViT of 8×8 pixels each. */
const DINO = join(__dirname, '../../../weights/fixtures/dino.pth');
/** OpenAI's kind of archive: a scripted model of which the image tower has one block. */
const CLIP = join(__dirname, '../../../weights/fixtures/clip.pt');
const files = { resolve: (path: string) => join(folder(), path) };
const located = (path: string) => ({ path, label: 'dino', published: null });

/** What an encoder says of an image. */
async function answers(path: string, entry?: string): Promise<number[]> {
  const open = await openEncoder(located(path), { heads: 2, entry });
  expect([open.family, open.spec.depth, open.spec.numHeads]).toEqual(['dino', 1, 2]);
  const encoder = await open.load();
  await open.close();
  return tf.tidy(() => {
    const x_BCHW = tf.tensor(rng(3).normal(192), [1, 3, 8, 8]) as Tensor4D;
    const taps = encoder.taps(x_BCHW, { tokens: [0, 'final'], attention: [0] });
    const numbers = tensorsOf(taps).flatMap((tensor) => [...tensor.dataSync()]);
    encoder.dispose();
    return numbers;
  });
}

describe('a checkpoint of a training run', () => {
  beforeAll(() => activateBackend('wasm'));
  afterEach(() => expect(tf.memory().numTensors).toBe(0));

  it('is the encoder that its entry names: the same numbers as from safetensors', async () => {
    const seen: Record<string, number[]> = {};
    for (const entry of ['teacher', 'student']) {
      const file = await openWeights(DINO, { entry });
      const tensors = Object.entries(await file.read(file.shapes.keys()));
      await file.close();
      const whole = tensors.map(
        ([name, tensor]) => [name, { ...tensor, dtype: 'F32', data: hostFloats(tensor) }] as const,
      );
      const path = join(folder(), `${entry}.safetensors`);
      await writeSafetensors(path, Object.fromEntries(whole));
      seen[entry] = await answers(DINO, entry);
      expect(seen[entry]).toEqual(await answers(path));
      expect(seen[entry]!.every(Number.isFinite)).toBe(true);
    }
    expect(seen['teacher']).not.toEqual(seen['student']);
  });

  it('is refused without an entry, with the choices', async () => {
    await expect(answers(DINO)).rejects.toThrow(/WEIGHTS_UNREADABLE[^]*dino\.pth/);
    await expect(answers(DINO)).rejects.toThrow(/several places[^]*'student' \(19 tensors\), 'teacher' \(19 tensors\)/);
  });

  it('is another teacher by another entry', async () => {
    await cp(DINO, join(folder(), 'dino.pth'));
    const print = (entry: string) => encoderFingerprint({ weights: 'dino.pth', entry }, { files });
    expect(await print('teacher')).toBe(await print('teacher'));
    expect(await print('teacher')).not.toBe(await print('student'));
  });

  it.each(PUBLISHED_FORMS.map((published) => [published.name, published] as const))(
    'holds %s',
    async (_, published) => {
      const { family, hint, config } = published.form as { family: string; hint?: VitHint; config?: object };
      const path = join(folder(), 'weights.pth');
      await writeFile(path, checkpointOf(zerosOfForm(published)));
      if (config) await writeFile(join(folder(), 'config.json'), JSON.stringify(config));
      const open = await openEncoder(located(path), hint ?? {});
      expect([open.family, open.spec.hiddenSize]).toEqual([family, published.spec.hiddenSize]);
      await open.close();
    },
  );
});

it("OpenAI's archive of CLIP is its image tower, with the quick GELU that it was trained with", async () => {
  const open = await openEncoder(located(CLIP), { heads: 2 });
  expect([open.family, open.spec]).toMatchObject(['clip', { depth: 1, patchSize: 4, feedForward: { gelu: 'quick' } }]);
  await activateBackend('wasm');
  const encoder = await open.load();
  const held = tf.memory().numTensors;
  tf.tidy(() => {
    const taps = encoder.taps(tf.zeros([1, 3, 8, 8]) as Tensor4D, { tokens: ['final'], attention: [] });
    expect([...taps.tokens.get('final')!.dataSync()].every(Number.isFinite)).toBe(true);
  });
  expect(tf.memory().numTensors).toBe(held);
  encoder.dispose();
  await open.close();
});

it('weights in the cache of the hub are found in any of their formats', async () => {
  const snapshot = join(folder(), 'snapshot');
  await mkdir(snapshot);
  const timm = PUBLISHED_FORMS.find(({ form }) => form.family === 'timm')!;
  await writeFile(join(snapshot, 'pytorch_model.bin'), checkpointOf(zerosOfForm(timm)));
  const open = await openEncoder(locateWeights('hf:me/mine', files, () => snapshot));
  expect([open.family, open.label]).toEqual(['timm', 'me/mine@main']);
  await open.close();
});
