import { gridTokens } from '@hastejs/plugin-api';
import type { Init, ParameterTable } from '../parameters.js';
import type { VitSpec } from './spec.js';

const zeros: Init = { kind: 'zeros' };
const ones: Init = { kind: 'ones' };
const xavier: Init = { kind: 'xavier' };
const small: Init = { kind: 'normal', std: 0.02 };

/**
 * Names and shapes of the released DINOv2 weights (without `mask_token`, which only their pretraining uses), and an
 * initialisation for training from scratch: xavier-uniform linears as in the original ViT, N(0, 0.02) tokens and positions.
 */
export function vitParameters(spec: VitSpec): ParameterTable {
  const { hiddenSize: D, patchSize: p, channels, grid, registers } = spec;
  return {
    cls_token: { shape: [1, 1, D], init: small },
    // Class token first; register tokens have no position.
    pos_embed: { shape: [1, 1 + gridTokens(grid), D], init: small },
    ...(registers > 0 && { register_tokens: { shape: [1, registers, D], init: small } }),
    'patch_embed.proj.weight': { shape: [D, channels, p, p], init: xavier },
    'patch_embed.proj.bias': { shape: [D], init: zeros },
    ...Object.assign({}, ...Array.from({ length: spec.depth }, (_, block) => blockParameters(spec, block))),
    ...norm('norm', D),
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
    ...norm(`${prefix}norm1`, D),
    ...linear(`${prefix}attn.qkv`, 3 * D, D),
    ...linear(`${prefix}attn.proj`, D, D),
    ...scale('ls1'),
    ...norm(`${prefix}norm2`, D),
    ...linear(`${prefix}mlp.${into}`, width, D),
    ...linear(`${prefix}mlp.${out}`, D, feedForward.hidden),
    ...scale('ls2'),
  };
}

function linear(name: string, out: number, into: number): ParameterTable {
  return { [`${name}.weight`]: { shape: [out, into], init: xavier }, [`${name}.bias`]: { shape: [out], init: zeros } };
}

function norm(name: string, size: number): ParameterTable {
  return { [`${name}.weight`]: { shape: [size], init: ones }, [`${name}.bias`]: { shape: [size], init: zeros } };
}
