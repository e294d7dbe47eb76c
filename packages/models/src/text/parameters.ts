import { blockEntries, normEntries, normal, xavier } from '../parameter-entries.js';
import type { ParameterTable } from '../parameters.js';
import { blockParameters } from '../vit/parameters.js';
import { type TextSpec, textBlocks } from './spec.js';

/** Names and shapes of a text encoder's parameters: its blocks are named as a vision transformer's. */
export function textParameters(spec: TextSpec): ParameterTable {
  const { hiddenSize: D, vocabulary, length, depth, projection } = spec;
  return {
    'token_embedding.weight': { shape: [vocabulary, D], init: normal },
    pos_embed: { shape: [1, length, D], init: normal },
    ...blockEntries(depth, (block) => blockParameters(textBlocks(spec), block)),
    ...normEntries('norm', D),
    ...(projection !== null && { 'projection.weight': { shape: [projection, D], init: xavier } }),
  };
}
