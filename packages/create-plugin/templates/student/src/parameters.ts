// D width, P = p·p·C values of a patch, T patch tokens, K classes and the null class.
import { type ParameterTable, sinCosPositions } from '@hastejs/models';
import { type StudentSpec, gridTokens } from '@hastejs/plugin-api';

/** Sinusoids of the time that its first layer sees. */
export const SINUSOIDS = 64;
/** Hidden units of an MLP for each channel. */
const MLP_RATIO = 4;

/** Fixed positions: saved with the parameters, never trained. */
export const FROZEN = ['positions'];

/** Every parameter by name, with its shape and how it begins. */
export function parametersOf({ width: D, blocks, grid, input, classes }: StudentSpec): ParameterTable {
  const P = (input.channels * input.height * input.width) / gridTokens(grid);
  const layer = (name: string, outputs: number, inputs: number): ParameterTable => ({
    [`${name}.weight`]: { shape: [outputs, inputs], init: { kind: 'xavier' } },
    [`${name}.bias`]: { shape: [outputs], init: { kind: 'zeros' } },
  });
  const norm = (name: string): ParameterTable => ({
    [`${name}.weight`]: { shape: [D], init: { kind: 'ones' } },
    [`${name}.bias`]: { shape: [D], init: { kind: 'zeros' } },
  });
  const block = (name: string): ParameterTable => ({
    ...norm(`${name}.norm1`),
    ...layer(`${name}.qkv`, 3 * D, D),
    ...layer(`${name}.proj`, D, D),
    ...norm(`${name}.norm2`),
    ...layer(`${name}.fc1`, MLP_RATIO * D, D),
    ...layer(`${name}.fc2`, D, MLP_RATIO * D),
  });
  return {
    ...layer('patch', D, P),
    positions: { shape: [gridTokens(grid), D], init: { kind: 'table', values: () => sinCosPositions(D, grid) } },
    ...layer('time.0', D, SINUSOIDS),
    ...layer('time.1', D, D),
    labels: { shape: [classes + 1, D], init: { kind: 'normal', std: 0.02 } },
    ...Object.fromEntries(Array.from({ length: blocks }, (_, n) => Object.entries(block(`blocks.${n}`))).flat()),
    ...norm('norm'),
    // Zeros: a fresh student predicts a velocity of 0.
    'head.weight': { shape: [P, D], init: { kind: 'zeros' } },
    'head.bias': { shape: [P], init: { kind: 'zeros' } },
  };
}
