import { gridTokens } from '@hastejs/plugin-api';
import { blockEntries, linearEntries, normEntries, normal, xavier, zeros } from '../parameter-entries.js';
import type { ParameterTable } from '../parameters.js';
import { sinCosPositions } from '../layers/positions.js';
import { TIMESTEP_SINUSOIDS } from '../layers/timestep.js';
import { type SitConfig, sitGrid } from './config.js';

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
    ...linearEntries('t_embedder.mlp.0', D, TIMESTEP_SINUSOIDS, normal),
    ...linearEntries('t_embedder.mlp.2', D, D, normal),
    // The last row is the null class.
    'y_embedder.embedding_table.weight': { shape: [classes + 1, D], init: normal },
    ...blockEntries(config.depth, (block) => blockParameters(config, block)),
    ...linearEntries('final_layer.linear', p * p * input.channels, D, zeros),
    ...linearEntries('final_layer.adaLN_modulation.1', 2 * D, D, zeros),
  };
}

function blockParameters(config: SitConfig, block: number): ParameterTable {
  const { hiddenSize: D, numHeads, qkNorm } = config;
  const prefix = `blocks.${block}.`;
  const mlp = sitMlpSize(config);
  return {
    ...linearEntries(`${prefix}attn.qkv`, 3 * D, D, xavier),
    ...(qkNorm && normEntries(`${prefix}attn.q_norm`, D / numHeads)),
    ...(qkNorm && normEntries(`${prefix}attn.k_norm`, D / numHeads)),
    ...linearEntries(`${prefix}attn.proj`, D, D, xavier),
    ...linearEntries(`${prefix}mlp.fc1`, mlp, D, xavier),
    ...linearEntries(`${prefix}mlp.fc2`, D, mlp, xavier),
    ...linearEntries(`${prefix}adaLN_modulation.1`, 6 * D, D, zeros),
  };
}
