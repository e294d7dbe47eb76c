import { gridTokens } from '@hastejs/plugin-api';
import type { Init, ParameterTable } from '../parameters.js';
import { sinCosPositions } from '../layers/positions.js';
import { TIMESTEP_SINUSOIDS } from '../layers/timestep.js';
import { type SitConfig, sitGrid } from './config.js';

const zeros: Init = { kind: 'zeros' };
const ones: Init = { kind: 'ones' };
const xavier: Init = { kind: 'xavier' };
const normal: Init = { kind: 'normal', std: 0.02 };

/** Fixed by construction: no gradient ever reaches it. */
export const SIT_FROZEN = ['pos_embed'] as const;

/** Width of the MLP's hidden layer. */
export const sitMlpSize = ({ hiddenSize, mlpRatio }: SitConfig): number => Math.floor(hiddenSize * mlpRatio);

/** Names, shapes and initialisation of the released models (METHOD section 2): xavier linears, adaLN-Zero. */
export function sitParameters(config: SitConfig): ParameterTable {
  const { hiddenSize: D, patchSize: p, input, classes } = config;
  const grid = sitGrid(config);
  return {
    pos_embed: {
      shape: [1, gridTokens(grid), D],
      init: { kind: 'table', values: () => sinCosPositions(D, grid) },
    },
    'x_embedder.proj.weight': { shape: [D, input.channels, p, p], init: xavier },
    'x_embedder.proj.bias': { shape: [D], init: zeros },
    ...linear('t_embedder.mlp.0', D, TIMESTEP_SINUSOIDS, normal),
    ...linear('t_embedder.mlp.2', D, D, normal),
    // The last row is the null class.
    'y_embedder.embedding_table.weight': { shape: [classes + 1, D], init: normal },
    ...Object.assign({}, ...Array.from({ length: config.depth }, (_, block) => blockParameters(config, block))),
    ...linear('final_layer.linear', p * p * input.channels, D, zeros),
    ...linear('final_layer.adaLN_modulation.1', 2 * D, D, zeros),
  };
}

function blockParameters(config: SitConfig, block: number): ParameterTable {
  const { hiddenSize: D, numHeads, qkNorm } = config;
  const prefix = `blocks.${block}.`;
  const mlp = sitMlpSize(config);
  return {
    ...linear(`${prefix}attn.qkv`, 3 * D, D, xavier),
    ...(qkNorm && norm(`${prefix}attn.q_norm`, D / numHeads)),
    ...(qkNorm && norm(`${prefix}attn.k_norm`, D / numHeads)),
    ...linear(`${prefix}attn.proj`, D, D, xavier),
    ...linear(`${prefix}mlp.fc1`, mlp, D, xavier),
    ...linear(`${prefix}mlp.fc2`, D, mlp, xavier),
    ...linear(`${prefix}adaLN_modulation.1`, 6 * D, D, zeros),
  };
}

function linear(name: string, out: number, into: number, init: Init): ParameterTable {
  return { [`${name}.weight`]: { shape: [out, into], init }, [`${name}.bias`]: { shape: [out], init: zeros } };
}

function norm(name: string, size: number): ParameterTable {
  return { [`${name}.weight`]: { shape: [size], init: ones }, [`${name}.bias`]: { shape: [size], init: zeros } };
}
