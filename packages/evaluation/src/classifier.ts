// B images, C channels, H height, W width, D width of the features.
import { checkParameters } from '@hastejs/models';
import { HasteError, type ImageShape } from '@hastejs/plugin-api';
import {
  type HostTensor,
  type Params,
  type Tensor4D,
  disposeParams,
  paramsFromHost,
  readSafetensors,
  tf,
} from '@hastejs/tensor';
import { z } from 'zod';
import { type NetworkSpec, networkFeatures, networkLogits, networkParameters } from './network.js';

/** Under this key a weight file says what network its weights are of. */
export const CLASSIFIER_METADATA = 'haste.classifier';

const description = z.strictObject({
  channels: z.int().positive(),
  side: z.int().positive().multipleOf(4),
  widths: z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]),
  features: z.int().positive(),
  classes: z.int().positive(),
  normalisation: z.strictObject({ mean: z.number(), std: z.number().positive() }),
});

/** The network, and of pixels in [0, 1] the mean and deviation that it takes as 0 and 1. */
export type ClassifierSpec = NetworkSpec & { readonly normalisation: { readonly mean: number; readonly std: number } };

export interface Seen {
  /** [B·D] */
  readonly features_BD: Float32Array;
  /** The class that each image is taken for. */
  readonly guesses_B: Int32Array;
}

/** An image classifier that was trained apart from students and teachers, and judges samples. */
export class Classifier {
  constructor(
    readonly spec: ClassifierSpec,
    private readonly params: Params,
  ) {}

  /** Width D of the features. */
  get width(): number {
    return this.spec.features;
  }

  /**
   * @param pixels_BCHW uint8, [B·C·H·W].
   * @throws HasteError SHAPE_MISMATCH for images of another shape.
   */
  async look(pixels_BCHW: Uint8Array, shape: ImageShape): Promise<Seen> {
    this.check(shape);
    const [features, guesses] = tf.tidy(() => {
      const features_BD = networkFeatures(this.params, toInput(this.spec, pixels_BCHW));
      return [features_BD, tf.argMax(networkLogits(this.params, features_BD), 1)] as const;
    });
    try {
      return {
        features_BD: (await features.data()) as Float32Array,
        guesses_B: Int32Array.from(await guesses.data()),
      };
    } finally {
      tf.dispose([features, guesses]);
    }
  }

  dispose(): void {
    disposeParams(this.params);
  }

  private check({ channels, height, width }: ImageShape): void {
    const { spec } = this;
    if (channels === spec.channels && height === spec.side && width === spec.side) return;
    throw new HasteError('SHAPE_MISMATCH', {
      what: `The classifier sees ${spec.channels}×${spec.side}×${spec.side} images; these are ${channels}×${height}×${width}.`,
      where: 'classifier',
      fix: 'Judge images of the kind that it was trained on, or name another classifier.',
    });
  }
}

/** Pixels as the network takes them, [B, H, W, C]. */
export function toInput({ channels, side, normalisation }: ClassifierSpec, pixels_BCHW: Uint8Array): Tensor4D {
  return tf.tidy(() => {
    const B = pixels_BCHW.length / (channels * side * side);
    const x_BCHW = tf.tensor4d(Float32Array.from(pixels_BCHW), [B, channels, side, side]);
    const { mean, std } = normalisation;
    return tf.transpose(tf.div(tf.sub(tf.div(x_BCHW, 255), mean), std), [0, 2, 3, 1]) as Tensor4D;
  });
}

/**
 * Reads a classifier from a safetensors file that says itself what it holds.
 * @returns a classifier that the caller disposes of; its weights are on the active backend.
 * @throws HasteError WEIGHTS_UNREADABLE, WEIGHTS_MISMATCH
 */
export async function openClassifier(path: string): Promise<Classifier> {
  const { metadata, tensors } = await readSafetensors(path).catch((cause: unknown) => {
    throw unreadable(path, cause instanceof Error ? cause.message : String(cause), cause);
  });
  const parsed = description.safeParse(jsonOf(metadata[CLASSIFIER_METADATA]));
  if (!parsed.success) throw unreadable(path, `its metadata has no description under '${CLASSIFIER_METADATA}'`);
  checkParameters(networkParameters(parsed.data), Object.fromEntries(tensors), path);
  return new Classifier(parsed.data, paramsFromHost(Object.fromEntries<HostTensor>(tensors)));
}

function jsonOf(text = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function unreadable(path: string, why: string, cause?: unknown): HasteError {
  return new HasteError('WEIGHTS_UNREADABLE', {
    what: `This is no classifier of samples: ${why}.`,
    where: path,
    fix: 'Name a file that examples/fashion-mnist-classifier wrote, or `haste:fashion-mnist-classifier` for the shipped one.',
    cause,
  });
}
