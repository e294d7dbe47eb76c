// D width, F hidden width, p patch side.
import type { Activation } from '../../layers/activation.js';
import { type FeedForward, type Pooling, type Positions, type QkvBias, type VitSpec, vitSpec } from '../spec.js';
import type { VitConfig, VitHint } from './family.js';
import type { ProjectionName, VitNames } from './name-table.js';
import { biasNames } from './block-names.js';
import { numberOf, plainGrid, readActivation, readGrid, readHeads } from './reading.js';
import type { SourceShapes } from './source-shapes.js';

/** What a family's shapes leave open. */
export interface Usual {
  /** Where the config says nothing. */
  readonly eps: number;
  readonly gelu: Activation;
  /** Heads by width, where they are not width / 64. */
  readonly heads?: Readonly<Record<number, number>>;
  /** Whether its models have one; default: if the file does. */
  readonly classToken?: boolean;
  /** How many leading tokens may have a row in the position table, likeliest first; default: the class token. */
  readonly prefixes?: (leading: number) => readonly number[];
  /** θ of rotary positions, of a family that has no table. */
  readonly theta?: number;
  /** Whether the keys' part of a fused bias counts; default: it does. */
  readonly keyBias?: boolean;
}

/**
 * Reads a spec off the shapes of a file whose names a table spells out.
 * @throws HasteError WEIGHTS_MISMATCH where a tensor that decides is missing, or says nothing sensible.
 */
export function readSpec(
  names: VitNames,
  shapes: SourceShapes,
  config: VitConfig,
  hint: VitHint,
  usual: Usual,
): VitSpec {
  const [D, channels, patchSize] = shapes.shape(`${names.patch}weight`, 4) as [number, number, number, number];
  const has = (name: string | undefined): boolean => name !== undefined && shapes.has(name);
  const first = names.block.replace('#', '0');
  const classToken = usual.classToken ?? has(names.cls_token?.[0]);
  const registers = has(names.register_tokens?.[0]) ? tokenRows(shapes, names.register_tokens!) : 0;
  const preNorm = has(names.normPre && `${names.normPre}weight`);
  const poolNorm = has(names.poolNorm && `${names.poolNorm}weight`);
  const leading = (classToken ? 1 : 0) + registers;
  return vitSpec({
    hiddenSize: D,
    depth: shapes.depth(names.block.slice(0, names.block.indexOf('#'))),
    numHeads: readHeads(D, shapes, config, hint, usual.heads),
    patchSize,
    channels,
    classToken,
    registers,
    ...readPositions(names, shapes, config, hint, { ...usual, patchSize, leading, classToken }),
    preNorm,
    // A norm follows: a bias before it would do little, and nobody has both.
    patchBias: !preNorm,
    qkvBias: readQkvBias(names, shapes, first, usual.keyBias ?? true),
    feedForward: readFeedForward(names, shapes, first, () => readActivation(config, hint, usual.gelu, shapes.where)),
    layerScale: has(names.scales && first + names.scales[0]) ? 1 : null,
    eps: numberOf(config, 'layer_norm_eps') ?? usual.eps,
    finalNorm: !poolNorm || has(`${names.norm}weight`),
    poolNorm,
    pooling: readPooling(names, shapes, classToken && !poolNorm, () =>
      readActivation(config, hint, usual.gelu, shapes.where),
    ),
    projection: readProjection(names.projection, shapes),
  });
}

function tokenRows(shapes: SourceShapes, [name, rank]: readonly [string, 1 | 2 | 3]): number {
  const shape = shapes.shape(name, rank);
  return rank === 1 ? 1 : shape[rank - 2]!;
}

interface Place extends Usual {
  readonly patchSize: number;
  readonly leading: number;
  readonly classToken: boolean;
}

function readPositions(
  names: VitNames,
  shapes: SourceShapes,
  config: VitConfig,
  hint: VitHint,
  { theta, prefixes, patchSize, leading, classToken }: Place,
): { readonly positions: Positions; readonly grid: VitSpec['grid'] } {
  if (theta !== undefined || !names.pos_embed) {
    const positions: Positions = { kind: 'rotary', theta: numberOf(config, 'rope_theta') ?? theta! };
    return { positions, grid: plainGrid(patchSize, config, hint) };
  }
  const candidates = prefixes?.(leading) ?? [classToken ? 1 : 0];
  const { prefix, grid } = readGrid(tokenRows(shapes, names.pos_embed), candidates, patchSize, shapes, config, hint);
  return { positions: { kind: 'table', prefix }, grid };
}

/** By the first block; another that differs has tensors missing or too many. */
function readQkvBias({ qkv }: VitNames, shapes: SourceShapes, first: string, keyBias: boolean): QkvBias {
  const [query, key, value] = qkv.flatMap(biasNames).map((name) => shapes.has(first + name));
  return { query: query!, key: key! && keyBias, value: value! };
}

function readFeedForward(
  { mlp, gated }: VitNames,
  shapes: SourceShapes,
  first: string,
  gelu: () => Activation,
): FeedForward {
  const rows = (stem: string): number => shapes.shape(`${first}${stem}weight`, 2)[0]!;
  if (gated && shapes.has(`${first}${gated.into[0]!}weight`)) {
    const hidden = shapes.shape(`${first}${gated.out}weight`, 2)[1]!;
    // timm's gated and plain MLPs have the same names: only the width tells.
    if (rows(gated.into[0]!) * gated.into.length === 2 * hidden) return { kind: 'swiglu', hidden };
  }
  return { kind: 'mlp', hidden: rows(mlp[0]), gelu: gelu() };
}

/** A norm after pooling is of models that pool by the mean, though they may have a class token. */
function readPooling({ pool }: VitNames, shapes: SourceShapes, byClass: boolean, gelu: () => Activation): Pooling {
  if (!pool || !shapes.has(pool.latent[0])) return { kind: byClass ? 'class' : 'mean' };
  return { kind: 'attention', hidden: shapes.shape(`${pool.mlp[0]}weight`, 2)[0]!, gelu: gelu() };
}

/** Width of the projection, where the file has one. */
export function readProjection(projection: ProjectionName | undefined, shapes: SourceShapes): number | null {
  if (!projection) return null;
  const whole = shapes.outside(projection.parent);
  if (!whole.has(projection.name)) return null;
  return whole.shape(projection.name, 2)[projection.transposed ? 1 : 0]!;
}
