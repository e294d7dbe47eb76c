import type { Init, ParameterTable } from './parameters.js';

export const zeros: Init = { kind: 'zeros' };
export const ones: Init = { kind: 'ones' };
export const xavier: Init = { kind: 'xavier' };
export const normal: Init = { kind: 'normal', std: 0.02 };

/** A linear layer: weight [out, into] and zero bias [out]. */
export function linearEntries(name: string, out: number, into: number, init: Init): ParameterTable {
  return { [`${name}.weight`]: { shape: [out, into], init }, [`${name}.bias`]: { shape: [out], init: zeros } };
}

/** The affine part of a layer norm: ones and zeros [size]. */
export function normEntries(name: string, size: number): ParameterTable {
  return { [`${name}.weight`]: { shape: [size], init: ones }, [`${name}.bias`]: { shape: [size], init: zeros } };
}

/** The entries of `depth` blocks in one table. */
export function blockEntries(depth: number, entries: (block: number) => ParameterTable): ParameterTable {
  return Object.assign({}, ...Array.from({ length: depth }, (_, block) => entries(block))) as ParameterTable;
}
