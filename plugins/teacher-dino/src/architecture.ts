import { HasteError } from '@hastejs/plugin-api';
import { type FeedForward, type VitSpec, vitSpec } from '@hastejs/models';
import { z } from 'zod';
import { channelNormalisation } from './preprocess.js';

/** Shapes by tensor name, as a weight file's header lists them. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

/** What shapes cannot tell, kept as JSON under this key of a safetensors file's metadata. */
export const METADATA_KEY = 'haste.vit';
export const vitMetadata = z.strictObject({
  numHeads: z.int().positive().optional(),
  normalisation: channelNormalisation.optional(),
});
export type VitMetadata = z.output<typeof vitMetadata>;

/** Head size of every released DINOv2: S 384/6, B 768/12, L 1024/16, g 1536/24. */
const HEAD_DIM = 64;

/**
 * Reads the architecture of a ViT in DINOv2's layout off its weights: width, depth, patch, channels, registers, MLP or
 * SwiGLU, LayerScale, and the grid of its position table (square).
 * @throws HasteError WEIGHTS_MISMATCH when the file is not of that layout.
 */
export function readArchitecture(shapes: Shapes, heads: number | undefined, where: string): VitSpec {
  const [, , hiddenSize] = shapeOf(shapes, 'cls_token', 3, where) as [number, number, number];
  const [, channels, patchSize] = shapeOf(shapes, 'patch_embed.proj.weight', 4, where) as [number, number, number];
  const positions = shapeOf(shapes, 'pos_embed', 3, where)[1]! - 1;
  const side = Math.sqrt(positions);
  const numHeads = heads ?? hiddenSize / HEAD_DIM;
  if (!Number.isInteger(side)) throw unfit(where, `pos_embed holds ${positions} patches, which is no square grid`);
  if (!Number.isInteger(numHeads)) {
    throw unfit(where, `nothing says how many heads its width ${hiddenSize} has; set the option \`heads\``);
  }
  if (hiddenSize % numHeads !== 0) {
    throw unfit(where, `its width ${hiddenSize} does not divide into ${numHeads} heads; set the option \`heads\``);
  }
  return vitSpec({
    hiddenSize,
    depth: depthOf(shapes),
    numHeads,
    patchSize,
    channels,
    grid: { height: side, width: side },
    registers: shapes.get('register_tokens')?.[1] ?? 0,
    feedForward: feedForwardOf(shapes, where),
    layerScale: shapes.has('blocks.0.ls1.gamma') ? 1 : null,
  });
}

function depthOf(shapes: Shapes): number {
  const blocks = [...shapes.keys()].flatMap((name) => /^blocks\.(\d+)\./.exec(name)?.[1] ?? []);
  return Math.max(...blocks.map(Number)) + 1;
}

function feedForwardOf(shapes: Shapes, where: string): FeedForward {
  const gated = shapes.get('blocks.0.mlp.w12.weight');
  if (gated) return { kind: 'swiglu', hidden: gated[0]! / 2 };
  return { kind: 'mlp', hidden: shapeOf(shapes, 'blocks.0.mlp.fc1.weight', 2, where)[0]!, gelu: 'erf' };
}

function shapeOf(shapes: Shapes, name: string, rank: number, where: string): readonly number[] {
  const shape = shapes.get(name);
  if (!shape) throw unfit(where, `it has no tensor '${name}'`);
  if (shape.length !== rank) throw unfit(where, `'${name}' has ${shape.length} axes instead of ${rank}`);
  return shape;
}

function unfit(where: string, reason: string): HasteError {
  return new HasteError('WEIGHTS_MISMATCH', {
    what: `The file does not hold a vision transformer of DINOv2's layout: ${reason}.`,
    where,
    fix: 'Give the weights of a DINOv2 model under their released names (cls_token, pos_embed, blocks.0.attn.qkv.weight, …).',
  });
}
