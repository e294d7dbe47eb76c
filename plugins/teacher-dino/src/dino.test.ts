import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { METADATA_KEY } from '@hastejs/encoders';
import { type VitSpec, initParameters, vitForward, vitParameters, vitSpec } from '@hastejs/models';
import type { DataSpec, StudentSpec, TeacherEncoder, Taps } from '@hastejs/plugin-api';
import {
  type HostTensor,
  type Tensor,
  type Tensor4D,
  disposeParams,
  paramsFromHost,
  paramsToHost,
  readSafetensors,
  rng,
  tf,
  writeSafetensors,
} from '@hastejs/tensor';
import { activateBackend, describeEachBackend } from '#support/backends.js';
import { expectNoLeaksAsync } from '#support/leaks.js';
import { testPublishedForms } from '#support/published-teacher.js';
import { dino } from './dino.js';

testPublishedForms(dino, ['dino', 'vit-hf', 'timm', 'dinov2', 'dinov2-hf', 'dinov3', 'dinov3-hf', 'timm-dinov3']);

const student: StudentSpec = {
  name: 'SiT-test',
  blocks: 2,
  width: 16,
  heads: 2,
  headDim: 8,
  grid: { height: 2, width: 3 },
  input: { channels: 3, height: 8, width: 12 },
  classes: 2,
};
const dataOf = (channels: number): DataSpec => ({
  name: 'photos',
  length: 2,
  classes: ['a', 'b'],
  image: { channels, height: 8, width: 12 },
  fingerprint: '',
});
const size = { hiddenSize: 24, depth: 3, numHeads: 3, patchSize: 4, grid: { height: 4, width: 4 } };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'haste-dino-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Writes fresh weights, changed as told. */
async function weightFile(
  spec: VitSpec,
  change: (tensors: Record<string, HostTensor>) => void = () => undefined,
  metadata: object = { numHeads: spec.numHeads },
): Promise<string> {
  const params = initParameters(vitParameters(spec), rng(1));
  const tensors = await paramsToHost(params);
  disposeParams(params);
  change(tensors);
  const path = join(folder, `${Math.random()}.safetensors`);
  await writeSafetensors(path, tensors, { [METADATA_KEY]: JSON.stringify(metadata) });
  return path;
}

const create = (weights: string, given: object = {}, channels = 3) =>
  Promise.resolve(
    dino.create(dino.options.parse({ weights, ...given }), {
      files: { resolve: (path) => resolve(folder, path) },
      student,
      data: dataOf(channels),
      backend: { name: 'test' },
    }),
  );
const images = (channels: number) =>
  tf.tensor4d(rng(2).integers(2 * channels * 96, 256), [2, channels, 8, 12], 'float32');
const largestDifference = (a: Tensor, b: Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;
const FINAL = { tokens: ['final'] as const, attention: [] };

describe.each([
  ['the plain layout', vitSpec(size)],
  ['registers', vitSpec({ ...size, registers: 4 })],
  ['SwiGLU', vitSpec({ ...size, feedForward: { kind: 'swiglu', hidden: 64 } })],
  ['no LayerScale', vitSpec({ ...size, layerScale: null })],
])('with %s', (_, spec) => {
  beforeAll(() => activateBackend('wasm'));

  it("reads the architecture off the weights and takes the student's token grid", async () => {
    await expectNoLeaksAsync(async () => {
      const teacher = await create(await weightFile(spec));
      expect(teacher.spec).toMatchObject({ blocks: 3, width: 24, heads: 3, headDim: 8, grid: student.grid });
      tf.tidy(() => {
        const { tokens, attention } = teacher.encode(images(3), { tokens: [1, 'final'], attention: [0, 2] });
        expect([...tokens.keys(), ...attention.keys()]).toEqual([1, 'final', 0, 2]);
        expect(tokens.get('final')!.shape).toEqual([2, 6, 24]);
        expect(attention.get(2)!.k_BHTd.shape).toEqual([2, 3, 6, 8]);
      });
      teacher.dispose();
      teacher.dispose();
      expect(() => tf.tidy(() => void teacher.encode(images(3), FINAL))).toThrow(/after its disposal/);
    });
  });
});

describeEachBackend('preprocessing', () => {
  const grey = vitSpec({ ...size, channels: 1 });
  const encode = (teacher: TeacherEncoder, channels: number) =>
    tf.tidy(() => teacher.encode(images(channels), FINAL).tokens.get('final')!.dataSync());

  it('gives the taps of the model itself, patch tokens alone, on normalised images', async () => {
    const spec = vitSpec({ ...size, registers: 2, grid: { height: 2, width: 2 } });
    const path = await weightFile(spec);
    const teacher = await create(path, { imageSize: 8, normalisation: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.5, 1] } });
    const { tensors } = await readSafetensors(path);
    tf.tidy(() => {
      const pixels = tf.tensor4d(rng(3).integers(2 * 3 * 64, 256), [2, 3, 8, 8], 'float32');
      const channel = (c: number) => tf.slice(pixels, [0, c, 0, 0], [2, 1, 8, 8]);
      const normalised = [0.25, 0.5, 1].map((std, c) => tf.div(tf.sub(tf.div(channel(c), 255), 0.5), std));
      const taps: Taps = { tokens: ['final'], attention: [1] };
      const own = teacher.encode(pixels, taps);
      const params = paramsFromHost(Object.fromEntries(tensors));
      const direct = vitForward(spec, params, tf.concat(normalised, 1) as Tensor4D, taps);
      // One class token and two registers come before the patches.
      const patches = tf.slice(direct.tokens.get('final')!, [0, 3, 0], [2, 4, 24]);
      expect(largestDifference(own.tokens.get('final')!, patches)).toBeLessThan(1e-5);
      const keys = tf.slice(direct.attention.get(1)!.k_BHTd, [0, 0, 3, 0], [2, 3, 4, 8]);
      expect(largestDifference(own.attention.get(1)!.k_BHTd, keys)).toBeLessThan(1e-5);
    });
    teacher.dispose();
  });

  it('repeats grey images for an encoder of colours, normalised as each colour', async () => {
    const teacher = await create(await weightFile(vitSpec(size)), {}, 1);
    const once = encode(teacher, 1);
    const repeated = tf.tidy(() => {
      const x = images(1);
      return teacher
        .encode(tf.concat([x, x, x], 1), FINAL)
        .tokens.get('final')!
        .dataSync();
    });
    expect(once).toEqual(repeated);
    teacher.dispose();
  });

  it('takes normalisation from the option, or from the file', async () => {
    const normalisation = { mean: [0.3], std: [0.35] };
    const [told, read] = [
      await create(await weightFile(grey), { normalisation }, 1),
      await create(await weightFile(grey, undefined, { numHeads: 3, normalisation }), {}, 1),
    ];
    expect(encode(told, 1)).toEqual(encode(read, 1));
    told.dispose();
    read.dispose();
  });
});

describe('refuses', () => {
  beforeAll(() => activateBackend('cpu'));
  afterEach(() => expect(tf.memory().numTensors).toBe(0));

  it.each([
    [
      'a missing tensor',
      (t: Record<string, HostTensor>) => void delete t['blocks.1.norm1.bias'],
      /'blocks.1.norm1.bias' \[24\] is missing/,
    ],
    [
      'a file of something else',
      (t: Record<string, HostTensor>) => void delete t['patch_embed.proj.weight'],
      /names are of no family that is known[^]*Known families: .*dinov2/,
    ],
    [
      'an extra tensor',
      (t: Record<string, HostTensor>) => void (t['neck.weight'] = t['norm.weight']!),
      /'neck.weight' \[24\] is not part/,
    ],
    [
      'a misshapen tensor',
      (t: Record<string, HostTensor>) => void (t['norm.bias'] = t['pos_embed']!),
      /'norm.bias' is \[1, 17, 24\] instead of \[24\]/,
    ],
  ])('%s by name', async (_, change, message) => {
    const path = await weightFile(vitSpec(size), change);
    await expect(create(path)).rejects.toThrow(message);
    await expect(create(path)).rejects.toThrow(/WEIGHTS_MISMATCH/);
  });

  it('a width that tells no number of heads, when nothing else does', async () => {
    const path = await weightFile(vitSpec(size), undefined, {});
    await expect(create(path)).rejects.toThrow(/nothing says how many heads its width 24 has/);
    (await create(path, { heads: 3 })).dispose();
  });

  it('a truncated file, and one that is not there', async () => {
    const path = await weightFile(vitSpec(size));
    await writeFile(path, (await readFile(path)).subarray(0, 5000));
    await expect(create(path)).rejects.toThrow(/WEIGHTS_UNREADABLE/);
    await expect(create('nowhere.safetensors')).rejects.toThrow(/is not there[^]*nowhere\.safetensors/);
  });

  it.each([
    ['colour images for a grey encoder', { channels: 1 }, {}, /1-channel images, but photos gives 3×8×12/],
    [
      'an image size that patches do not divide',
      {},
      { imageSize: 10 },
      /10 is not a multiple.*patch size 4[^]*take 12, which gives 3×3/,
    ],
    ['heads that do not divide the width', {}, { heads: 5 }, /width 24 does not divide into 5 heads/],
    ['an image smaller than a patch', {}, { imageSize: 1 }, /1 is not a multiple[^]*take 4, which gives 1×1/],
    [
      'a normalisation of other channels',
      {},
      { normalisation: { mean: [0], std: [1] } },
      /takes 3 channels, but normalisation has 1/,
    ],
  ])('%s', async (_, shape, given, message) => {
    await expect(create(await weightFile(vitSpec({ ...size, ...shape })), given)).rejects.toThrow(message);
  });
});
