import type { Host } from '@hastejs/core';
import { type Guidance, HasteError, type ImageShape, type Ref, Services, type Student } from '@hastejs/plugin-api';
import { type Params, disposeParams, omitParams, rng as makeRng } from '@hastejs/tensor';
import { chooseCheckpoint } from './checkpoint/choose.js';
import { loadTensors } from './checkpoint/load.js';
import { drawImages } from './draw-images.js';

// B batch, C channels, H height, W width.

export interface SampleOptions {
  readonly host: Host;
  /** A run folder (its newest checkpoint) or a checkpoint folder. */
  readonly checkpoint: string;
  /** Class indices; default all. */
  readonly classes?: readonly number[];
  readonly perClass?: number;
  /** The class of each image, instead of the two above. */
  readonly labels_B?: Int32Array;
  readonly sampler?: Ref<'sampler'>;
  readonly guidance?: Partial<Guidance>;
  readonly seed?: number;
  /** The moving average (default), or the parameters as trained. */
  readonly weights?: 'ema' | 'raw';
  /** Images integrated together; it does not change the noise they start from. */
  readonly batchSize?: number;
  readonly backend?: Ref<'backend'> | string;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Samples {
  /** Pixels, uint8 [B, C, H, W]; class by class. */
  readonly images_BCHW: Uint8Array;
  readonly labels_B: Int32Array;
  readonly shape: ImageShape;
  readonly classes: readonly string[];
}

/** Draws images by class from a checkpoint (METHOD section 5). The same seed gives the same images. */
export async function sampleImages(options: SampleOptions): Promise<Samples> {
  const { host } = options;
  const { path, runFile } = await chooseCheckpoint(options.checkpoint);
  const recipe = host.resolve(runFile.recipe);
  const run = host.openRun(recipe, runFile.baseDir);
  try {
    await host.selectBackend(options.backend ?? runFile.backend.name);
    run.provide(Services.data, runFile.dataSpec);
    const student = await run.create(recipe.student);
    const sampler = await run.create(options.sampler ?? recipe.sampling.sampler);
    const params = await sampledParams(path, options.weights ?? 'ema');
    const labels_B = labelsOf(options, student, recipe.sampling.perClass);
    const guidance = { ...recipe.sampling.guidance, ...options.guidance };
    const seed = makeRng(options.seed ?? recipe.sampling.seed);
    try {
      const images_BCHW = await drawImages(
        { student, sampler, params, guidance, rng: seed, path: recipe.path },
        labels_B,
        options,
      );
      return { images_BCHW, labels_B, shape: student.spec.input, classes: runFile.dataSpec.classes };
    } finally {
      disposeParams(params);
    }
  } finally {
    await run.close();
  }
}

/** The EMA holds trainable parameters only; frozen tables come from the raw ones. */
async function sampledParams(path: string, which: 'ema' | 'raw'): Promise<Params> {
  const { params, ema, alignment, optimizer } = await loadTensors(path);
  for (const unused of [alignment, ...Object.values(optimizer)]) disposeParams(unused);
  if (which === 'raw') {
    disposeParams(ema);
    return params;
  }
  const averaged = Object.keys(ema);
  disposeParams(Object.fromEntries(averaged.map((name) => [name, params[name]!])));
  return { ...omitParams(params, averaged), ...ema };
}

function labelsOf({ classes, perClass, labels_B }: SampleOptions, { spec }: Student, each: number): Int32Array {
  const chosen =
    (labels_B && [...new Set(labels_B)]) ?? classes ?? Array.from({ length: spec.classes }, (_, index) => index);
  const wrong = chosen.find((index) => !Number.isInteger(index) || index < 0 || index >= spec.classes);
  if (wrong !== undefined) {
    throw new HasteError('USAGE', {
      what: `There is no class ${wrong}: the model knows classes 0 to ${spec.classes - 1}.`,
      where: 'classes',
      fix: 'Name classes that the model was trained on.',
    });
  }
  return labels_B ?? Int32Array.from(chosen.flatMap((index) => Array<number>(perClass ?? each).fill(index)));
}
