// How every built-in extension is created for its contract.
import { join } from 'node:path';
import backendTensorflow from '@hastejs/backend-tensorflow';
import backendTorch from '@hastejs/backend-torch';
import backendWasm from '@hastejs/backend-wasm';
import { METADATA_KEY } from '@hastejs/features';
import { builtins, fixed, plateau, sit } from '@hastejs/haste';
import { rng, writeSafetensors } from '@hastejs/tensor';
import type { PluginCases } from '@hastejs/testkit';
import sharp from 'sharp';
import { fakeDataSpec, fakeTeacher, fakeTeacherSpec } from '@hastejs/testkit';
import { writeFiles } from '#support/images.js';
import { PUBLISHED_FORMS, writeForm } from '#support/vit-files.js';

const missing = { weights: 'no-such-file.safetensors' };
const NORMALISATION = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
/** @param root a folder where weights, images and features are written. */
export async function builtinCases(root: string): Promise<PluginCases> {
  return { ...(await teacherCases(root)), ...(await dataCases(root)), ...PLAIN, ...TRIGGERS, ...METRICS };
}

async function teacherCases(root: string): Promise<PluginCases> {
  const form = (family: string) => PUBLISHED_FORMS.find((published) => published.form.family === family)!;
  const weights = async (family: string) => ({ weights: await writeForm(root, form(family)), normalisation: NORMALISATION }); // prettier-ignore
  await writeFeatures(join(root, 'features.safetensors'));
  return {
    'teacher/dino': {
      options: await weights('dino'),
      files: root,
      refuses: [{ options: missing, says: /no-such-file/ }],
    },
    'teacher/clip': { options: await weights('siglip-hf'), files: root, refuses: [{ options: missing }] },
    'teacher/vit': { options: await weights('mae'), files: root, refuses: [{ options: missing }] },
    'teacher/features': {
      options: { path: 'features.safetensors' },
      files: root,
      refuses: [{ options: { path: 'nowhere.safetensors' }, says: /nowhere/ }],
    },
    'teacher/self': {},
  };
}

/** Features of the made-up data in a file. */
async function writeFeatures(path: string): Promise<void> {
  const { name, length, fingerprint, variants } = fakeDataSpec();
  const teacher = fakeTeacherSpec();
  const data = rng(1).normal(length * 6 * 16);
  const heads = { dtype: 'F32' as const, shape: [length, 2, 6, 8], data };
  await writeSafetensors(
    path,
    { 'tokens.final': { dtype: 'F32', shape: [length, 6, 16], data }, 'queries.1': heads, 'keys.1': heads },
    {
      [METADATA_KEY]: JSON.stringify({ version: 1, teacher, data: { name, length, fingerprint, variants }, first: 0 }),
    },
  );
}

async function dataCases(root: string): Promise<PluginCases> {
  const images = await Promise.all(
    ['cats/a', 'cats/b', 'dogs/a', 'dogs/b'].map(async (name, i) => {
      // Noise: an image whose mirror image is another.
      const pixels = Uint8Array.from(rng(i).uniform(16 * 16 * 3), (u) => 256 * u);
      const image = await sharp(pixels, { raw: { width: 16, height: 16, channels: 3 } })
        .png()
        .toBuffer();
      return [join('photos', `${name}.png`), image] as const;
    }),
  );
  await writeFiles(root, Object.fromEntries(images));
  return {
    'data/fashion-mnist': {
      options: { source: 'shipped' },
      refuses: [{ options: { dir: 'no-such-folder' }, says: /no-such-folder/ }],
    },
    'data/image-folder': {
      options: { dir: 'photos', size: 16, workers: 1, flip: true },
      files: root,
      refuses: [{ options: { dir: 'no-such-folder', size: 16 }, says: /no-such-folder/ }],
    },
  };
}

/** Models as deep as the published ones. */
const deep = {
  student: sit({ hiddenSize: 8, depth: 12, numHeads: 1, patchSize: 4 }),
  alignment: { teacher: fakeTeacher({ blocks: 12 }) },
};

const PLAIN: PluginCases = {
  'student/sit': { options: { hiddenSize: 16, depth: 2, numHeads: 2, patchSize: 4 } },
  'sampler/euler': {},
  'sampler/heun': { options: { steps: 40 } },
  'sampler/euler-maruyama': {},
  'optimizer/adamw': [{ options: { lr: 0.05 } }, { name: 'with decay and warm-up', options: { lr: 0.05, weightDecay: 0.1, warmup: 3, decay: { until: 50 } } }], // prettier-ignore
  'logger/jsonl': {},
  'loss/feature': { options: { hidden: 8 } },
  'loss/attention': {},
  'layers/pairs': { options: { pairs: [[1, 'final'], [0, 1]], grids: 'resample' } }, // prettier-ignore
  'layers/published': { options: { reads: 'tokens', model: 'SiT-B' }, recipe: deep } as never,
  'layers/relative': { options: { pairs: [[0.5, 1], [1, 'final']] } }, // prettier-ignore
  'backend/torch': { plugins: [backendTorch] },
  'backend/tensorflow': { plugins: [backendTensorflow] },
  'backend/wasm': { plugins: [backendWasm] },
  'backend/cpu': {},
};

const metric = 'align/feature';
const plugins = [...builtins];
const TRIGGERS: PluginCases = {
  'trigger/fixed': { options: { step: 7 }, stopsAt: 7 } as never,
  'trigger/plateau': { options: { metric, window: 20 } },
  'trigger/gradient-angle': { options: { block: 0, patience: 2, every: 2, images: 8 }, plugins },
  'trigger/residual': { options: { fast: 10, slow: 60 } },
  'trigger/metric': { options: { metric, patience: 50 } },
  'trigger/after': { options: { step: 30, trigger: plateau({ metric, window: 20 }) }, plugins },
  'trigger/at-most': { options: { step: 100, trigger: plateau({ metric, window: 400 }) }, plugins },
  'trigger/any-of': { options: { triggers: [fixed({ step: 300 }), plateau({ metric, window: 20 })] }, plugins },
  'trigger/all-of': { options: { triggers: [fixed({ step: 300 }), plateau({ metric, window: 20 })] }, plugins },
  'trigger/ramp': { options: { trigger: fixed({ step: 5 }), steps: 4 }, plugins },
};

const every = 2;
const METRICS: PluginCases = {
  'metric/gradient-angle': { options: { every, images: 10, by: ['block', 'time'] }, plugins },
  'metric/alignment': { options: { every, images: 10 }, plugins },
  'metric/cknna': { options: { every, images: 10, neighbours: 3 }, plugins },
  'metric/linear-probe': { options: { every, images: 18 }, plugins },
  'metric/attention-distance': { options: { every, images: 10 }, plugins },
  'metric/effective-rank': { options: { every, images: 10, of: 'tokens' }, plugins },
};
