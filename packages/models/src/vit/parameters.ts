import { gridTokens } from '@hastejs/plugin-api';
import { blockEntries, linearEntries, normEntries, normal, xavier, zeros } from '../parameter-entries.js';
import type { ParameterTable } from '../parameters.js';
import { type BlockSpec, type VitSpec, hasQkvBias } from './spec.js';

/**
 * Names and shapes of a vision transformer's parameters: those of the released DINOv2 weights (without `mask_token`, which
 * only their pretraining uses), and timm's `norm_pre`, `fc_norm` and `attn_pool` where a spec has more. With an initialisation
 * for training from scratch: xavier-uniform linears as in the original ViT, N(0, 0.02) tokens and positions.
 */
export function vitParameters(spec: VitSpec): ParameterTable {
  const { hiddenSize: D, patchSize: p, channels, registers, positions, pooling, projection } = spec;
  const tokens = (count: number) => ({ shape: [1, count, D], init: normal });
  return {
    ...(spec.classToken && { cls_token: tokens(1) }),
    ...(positions.kind === 'table' && { pos_embed: tokens(positions.prefix + gridTokens(spec.grid)) }),
    ...(registers > 0 && { register_tokens: tokens(registers) }),
    'patch_embed.proj.weight': { shape: [D, channels, p, p], init: xavier },
    ...(spec.patchBias && { 'patch_embed.proj.bias': { shape: [D], init: zeros } }),
    ...(spec.preNorm && normEntries('norm_pre', D)),
    ...blockEntries(spec.depth, (block) => blockParameters(spec, block)),
    ...(spec.finalNorm && normEntries('norm', D)),
    ...(spec.poolNorm && normEntries('fc_norm', D)),
    ...(pooling.kind === 'attention' && poolParameters(D, pooling.hidden)),
    ...(projection !== null && { 'projection.weight': { shape: [projection, D], init: xavier } }),
  };
}

function poolParameters(D: number, hidden: number): ParameterTable {
  return {
    'attn_pool.latent': { shape: [1, 1, D], init: normal },
    ...linearEntries('attn_pool.qkv', 3 * D, D, xavier),
    ...linearEntries('attn_pool.proj', D, D, xavier),
    ...normEntries('attn_pool.norm', D),
    ...linearEntries('attn_pool.mlp.fc1', hidden, D, xavier),
    ...linearEntries('attn_pool.mlp.fc2', D, hidden, xavier),
  };
}

/** One block's parameters under `blocks.<block>.`. */
export function blockParameters(spec: BlockSpec, block: number): ParameterTable {
  const { hiddenSize: D, feedForward, layerScale } = spec;
  const prefix = `blocks.${block}.`;
  const scale = (name: string): ParameterTable =>
    layerScale === null
      ? {}
      : { [`${prefix}${name}.gamma`]: { shape: [D], init: { kind: 'constant', value: layerScale } } };
  const [into, out, width] =
    feedForward.kind === 'mlp' ? ['fc1', 'fc2', feedForward.hidden] : ['w12', 'w3', 2 * feedForward.hidden];
  return {
    ...normEntries(`${prefix}norm1`, D),
    [`${prefix}attn.qkv.weight`]: { shape: [3 * D, D], init: xavier },
    ...(hasQkvBias(spec) && { [`${prefix}attn.qkv.bias`]: { shape: [3 * D], init: zeros } }),
    ...linearEntries(`${prefix}attn.proj`, D, D, xavier),
    ...scale('ls1'),
    ...normEntries(`${prefix}norm2`, D),
    ...linearEntries(`${prefix}mlp.${into}`, width, D, xavier),
    ...linearEntries(`${prefix}mlp.${out}`, D, feedForward.hidden, xavier),
    ...scale('ls2'),
  };
}
