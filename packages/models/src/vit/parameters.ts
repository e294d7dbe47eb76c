import { gridTokens } from '@hastejs/plugin-api';
import { blockEntries, linearEntries, normEntries, normal, xavier, zeros } from '../parameter-entries.js';
import type { ParameterTable } from '../parameters.js';
import type { VitSpec } from './spec.js';

/**
 * Names and shapes of the released DINOv2 weights (without `mask_token`, which only their pretraining uses), and an
 * initialisation for training from scratch: xavier-uniform linears as in the original ViT, N(0, 0.02) tokens and positions.
 */
export function vitParameters(spec: VitSpec): ParameterTable {
  const { hiddenSize: D, patchSize: p, channels, grid, registers } = spec;
  return {
    cls_token: { shape: [1, 1, D], init: normal },
    // Class token first; register tokens have no position.
    pos_embed: { shape: [1, 1 + gridTokens(grid), D], init: normal },
    ...(registers > 0 && { register_tokens: { shape: [1, registers, D], init: normal } }),
    'patch_embed.proj.weight': { shape: [D, channels, p, p], init: xavier },
    'patch_embed.proj.bias': { shape: [D], init: zeros },
    ...blockEntries(spec.depth, (block) => blockParameters(spec, block)),
    ...normEntries('norm', D),
  };
}

function blockParameters(spec: VitSpec, block: number): ParameterTable {
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
    ...linearEntries(`${prefix}attn.qkv`, 3 * D, D, xavier),
    ...linearEntries(`${prefix}attn.proj`, D, D, xavier),
    ...scale('ls1'),
    ...normEntries(`${prefix}norm2`, D),
    ...linearEntries(`${prefix}mlp.${into}`, width, D, xavier),
    ...linearEntries(`${prefix}mlp.${out}`, D, feedForward.hidden, xavier),
    ...scale('ls2'),
  };
}
