// N tokens with a position, P projected width, D width, F hidden width.
// A family's names as data (see block-names.ts): how each canonical tensor is spelled.
import { gridTokens } from '@hastejs/plugin-api';
import { FULL_BIAS, type VitSpec } from '../spec.js';
import { type BlockNames, type Entry, type QkvStems, affine, blocksEntries, known, qkvEntries } from './block-names.js';
import type { NameMap } from './sources.js';

/** A tensor of tokens, and how many axes it is written with: [D], [n, D] or [1, n, D]. */
export type TokensName = readonly [name: string, rank: 1 | 2 | 3];

export interface VitNames extends BlockNames {
  readonly cls_token?: TokensName;
  readonly register_tokens?: TokensName;
  readonly pos_embed?: TokensName;
  readonly patch: string;
  readonly normPre?: string;
  readonly norm: string;
  readonly pool?: PoolNames;
  readonly poolNorm?: string;
  readonly projection?: ProjectionName;
}

export interface PoolNames {
  readonly latent: TokensName;
  readonly qkv: QkvStems;
  readonly proj: string;
  readonly norm: string;
  readonly mlp: readonly [string, string];
}

export interface ProjectionName {
  /** Whole name; behind the prefix without what `parent` matches of it. */
  readonly name: string;
  readonly parent?: RegExp;
  /** [D, P] instead of [P, D]. */
  readonly transposed?: boolean;
}

/** The map of a spec's canonical names to a family's, as far as the spec has the tensors. */
export function nameMap(names: VitNames, spec: VitSpec, prefix: string): NameMap {
  const { hiddenSize: D, channels, patchSize, pooling } = spec;
  return new Map([
    ...leadingEntries(names, spec, prefix),
    ...affine('patch_embed.proj.', prefix + names.patch, [D, channels, patchSize, patchSize], spec.patchBias),
    ...(spec.preNorm ? affine('norm_pre.', prefix + known(names.normPre, 'a norm before the blocks'), [D]) : []),
    ...blocksEntries(names, spec, prefix),
    ...(spec.finalNorm ? affine('norm.', prefix + names.norm, [D]) : []),
    ...(spec.poolNorm ? affine('fc_norm.', prefix + known(names.poolNorm, 'a norm after pooling'), [D]) : []),
    ...(pooling.kind === 'attention' ? poolEntries(known(names.pool, 'pooling'), D, pooling.hidden, prefix) : []),
    ...projectionEntries(names.projection, D, spec.projection, prefix),
  ]);
}

function leadingEntries(names: VitNames, spec: VitSpec, prefix: string): Entry[] {
  const { hiddenSize: D, classToken, registers, positions } = spec;
  const rows = positions.kind === 'table' ? positions.prefix + gridTokens(spec.grid) : 0;
  return [
    ...(classToken ? [tokensEntry('cls_token', names.cls_token, 1, D, prefix)] : []),
    ...(rows > 0 ? [tokensEntry('pos_embed', names.pos_embed, rows, D, prefix)] : []),
    ...(registers > 0 ? [tokensEntry('register_tokens', names.register_tokens, registers, D, prefix)] : []),
  ];
}

/** A table of `count` tokens, [1, count, D] in the model, written with as many axes as the family does. */
export function tokensEntry(to: string, name: TokensName | undefined, count: number, D: number, prefix: string): Entry {
  const [source, rank] = known(name, to);
  const shape = ([[D], [count, D], [1, count, D]] as const)[rank - 1]!;
  return [to, [{ name: prefix + source, shape }]];
}

function poolEntries(names: PoolNames, D: number, F: number, prefix: string): Entry[] {
  return [
    tokensEntry('attn_pool.latent', names.latent, 1, D, prefix),
    ...qkvEntries('attn_pool.qkv.', prefix, names.qkv, D, FULL_BIAS),
    ...affine('attn_pool.proj.', prefix + names.proj, [D, D]),
    ...affine('attn_pool.norm.', prefix + names.norm, [D]),
    ...affine('attn_pool.mlp.fc1.', prefix + names.mlp[0], [F, D]),
    ...affine('attn_pool.mlp.fc2.', prefix + names.mlp[1], [D, F]),
  ];
}

/** The linear layer after pooling, if there is one. */
export function projectionEntries(
  names: ProjectionName | undefined,
  D: number,
  projection: number | null,
  prefix: string,
): Entry[] {
  if (projection === null) return [];
  const { name, transposed = false, parent } = known(names, 'a projection');
  const before = parent ? prefix.replace(parent, '') : prefix;
  const shape = transposed ? [D, projection] : [projection, D];
  return [['projection.weight', [{ name: before + name, shape, transposed }]]];
}
