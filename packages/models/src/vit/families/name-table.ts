// N tokens with a position, P projected width, D width, F hidden width.
// A family's names as data: how each canonical tensor is spelled. Stems keep their last separator ('mlp.fc1.', 'in_proj_'),
// so that 'weight' and 'bias' follow as the family writes them; '#' stands for the block's index.
import { gridTokens } from '@hastejs/plugin-api';
import type { QkvBias, VitSpec } from '../spec.js';
import type { NameMap, Part } from './sources.js';

/** A tensor of tokens, and how many axes it is written with: [D], [n, D] or [1, n, D]. */
export type TokensName = readonly [name: string, rank: 1 | 2 | 3];

/** Queries, keys and values: a stem each, one for all three, or one for the queries and one for the others. */
export type QkvStems = readonly { readonly stem: string; readonly of: 1 | 2 | 3 }[];

export interface VitNames {
  readonly cls_token?: TokensName;
  readonly register_tokens?: TokensName;
  readonly pos_embed?: TokensName;
  readonly patch: string;
  readonly normPre?: string;
  /** Such as 'blocks.#.'. */
  readonly block: string;
  readonly norm1: string;
  readonly qkv: QkvStems;
  readonly proj: string;
  readonly norm2: string;
  /** The two LayerScale vectors, whole names. */
  readonly scales?: readonly [string, string];
  readonly mlp: readonly [string, string];
  /** First linears (one of both halves, or gate and value), and the last. */
  readonly gated?: { readonly into: readonly string[]; readonly out: string };
  readonly norm: string;
  readonly pool?: PoolNames;
  readonly poolNorm?: string;
  /** Whole name, with its place: `transposed` is [D, P]. Not behind the prefix if `parent` says what is. */
  readonly projection?: { readonly name: string; readonly transposed?: boolean; readonly parent?: RegExp };
}

export interface PoolNames {
  readonly latent: TokensName;
  readonly qkv: QkvStems;
  readonly proj: string;
  readonly norm: string;
  readonly mlp: readonly [string, string];
}

export const fused = (stem: string): QkvStems => [{ stem, of: 3 }];
export const separate = (...stems: [string, string, string]): QkvStems => stems.map((stem) => ({ stem, of: 1 }));

type Entry = readonly [string, readonly Part[]];

/** The map of a spec's canonical names to a family's, as far as the spec has the tensors. */
export function nameMap(names: VitNames, spec: VitSpec, prefix: string): NameMap {
  const { hiddenSize: D } = spec;
  const blocks = Array.from({ length: spec.depth }, (_, index) =>
    blockEntries(names, spec, `blocks.${index}.`, prefix + names.block.replace('#', String(index))),
  );
  return new Map<string, readonly Part[]>([
    ...tokenEntries(names, spec, prefix),
    ...affine(
      'patch_embed.proj.',
      prefix + names.patch,
      [D, spec.channels, spec.patchSize, spec.patchSize],
      spec.patchBias,
    ),
    ...(spec.preNorm ? affine('norm_pre.', prefix + known(names.normPre, 'a norm before the blocks'), [D]) : []),
    ...blocks.flat(),
    ...(spec.finalNorm ? affine('norm.', prefix + names.norm, [D]) : []),
    ...(spec.poolNorm ? affine('fc_norm.', prefix + known(names.poolNorm, 'a norm after pooling'), [D]) : []),
    ...(spec.pooling.kind === 'attention'
      ? poolEntries(known(names.pool, 'pooling'), D, spec.pooling.hidden, prefix)
      : []),
    ...projectionEntries(names, spec, prefix),
  ]);
}

function tokenEntries(names: VitNames, spec: VitSpec, prefix: string): Entry[] {
  const { hiddenSize: D, classToken, registers, positions } = spec;
  const tokens = (canonical: string, name: TokensName | undefined, count: number): Entry => {
    const [source, rank] = known(name, canonical);
    const shape = ([[D], [count, D], [1, count, D]] as const)[rank - 1]!;
    return [canonical, [{ name: prefix + source, shape }]];
  };
  return [
    ...(classToken ? [tokens('cls_token', names.cls_token, 1)] : []),
    ...(positions.kind === 'table'
      ? [tokens('pos_embed', names.pos_embed, positions.prefix + gridTokens(spec.grid))]
      : []),
    ...(registers > 0 ? [tokens('register_tokens', names.register_tokens, registers)] : []),
  ];
}

function blockEntries(names: VitNames, spec: VitSpec, to: string, from: string): Entry[] {
  const { hiddenSize: D, feedForward, layerScale } = spec;
  const F = feedForward.hidden;
  const scales = layerScale === null ? [] : known(names.scales, 'LayerScale');
  const into = feedForward.kind === 'mlp' ? [names.mlp[0]] : known(names.gated, 'a gated MLP').into;
  const out = feedForward.kind === 'mlp' ? names.mlp[1] : known(names.gated, 'a gated MLP').out;
  const width = (feedForward.kind === 'mlp' ? F : 2 * F) / into.length;
  const [first, last] = feedForward.kind === 'mlp' ? ['mlp.fc1.', 'mlp.fc2.'] : ['mlp.w12.', 'mlp.w3.'];
  return [
    ...affine(`${to}norm1.`, from + names.norm1, [D]),
    ...qkvEntries(`${to}attn.qkv.`, from, names.qkv, D, spec.qkvBias),
    ...affine(`${to}attn.proj.`, from + names.proj, [D, D]),
    ...scales.map((name, index): Entry => [`${to}ls${index + 1}.gamma`, [{ name: from + name, shape: [D] }]]),
    ...affine(`${to}norm2.`, from + names.norm2, [D]),
    [`${to}${first}weight`, into.map((stem) => ({ name: `${from}${stem}weight`, shape: [width, D] }))],
    [`${to}${first}bias`, into.map((stem) => ({ name: `${from}${stem}bias`, shape: [width] }))],
    ...affine(`${to}${last}`, from + out, [D, F]),
  ];
}

function poolEntries(names: PoolNames, D: number, F: number, prefix: string): Entry[] {
  const [latent, rank] = names.latent;
  const shape = ([[D], [1, D], [1, 1, D]] as const)[rank - 1]!;
  const all: QkvBias = { query: true, key: true, value: true };
  return [
    ['attn_pool.latent', [{ name: prefix + latent, shape }]],
    ...qkvEntries('attn_pool.qkv.', prefix, names.qkv, D, all),
    ...affine('attn_pool.proj.', prefix + names.proj, [D, D]),
    ...affine('attn_pool.norm.', prefix + names.norm, [D]),
    ...affine('attn_pool.mlp.fc1.', prefix + names.mlp[0], [F, D]),
    ...affine('attn_pool.mlp.fc2.', prefix + names.mlp[1], [D, F]),
  ];
}

function projectionEntries(names: VitNames, { hiddenSize: D, projection }: VitSpec, prefix: string): Entry[] {
  if (projection === null) return [];
  const { name, transposed = false, parent } = known(names.projection, 'a projection');
  const before = parent ? prefix.replace(parent, '') : prefix;
  const shape = transposed ? [D, projection] : [projection, D];
  return [['projection.weight', [{ name: before + name, shape, transposed }]]];
}

/** Weight and bias of a linear layer, a convolution or (one axis) a norm. */
function affine(to: string, from: string, shape: readonly number[], bias = true): Entry[] {
  const weight: Entry = [`${to}weight`, [{ name: `${from}weight`, shape }]];
  return bias ? [weight, [`${to}bias`, [{ name: `${from}bias`, shape: [shape[0]!] }]]] : [weight];
}

/** Queries, keys and values one below the other: weights [3D, D], biases [3D] with zeros where a model has none. */
function qkvEntries(to: string, from: string, stems: QkvStems, D: number, bias: QkvBias): Entry[] {
  const present = [bias.query, bias.key, bias.value];
  let first = 0;
  const biases = stems.flatMap(({ stem, of }) => {
    const flags = present.slice(first, (first += of));
    return biasParts(`${from}${stem}bias`, flags, D);
  });
  const weights = stems.map(({ stem, of }) => ({ name: `${from}${stem}weight`, shape: [of * D, D] }));
  return present.includes(true)
    ? [
        [`${to}weight`, weights],
        [`${to}bias`, biases],
      ]
    : [[`${to}weight`, weights]];
}

/** A bias [n·D] of which only the flagged runs of D count; if none does, the source does not have it. */
function biasParts(name: string, flags: readonly boolean[], D: number): Part[] {
  const shape = [flags.length * D];
  if (flags.every(Boolean)) return [{ name, shape }];
  return flags.map((flag, at) => (flag ? { name, shape, rows: [at * D, (at + 1) * D] } : { name: null, shape: [D] }));
}

function known<T>(name: T | undefined, what: string): T {
  if (name !== undefined) return name;
  throw new Error(`This family has no name for ${what}.`);
}
