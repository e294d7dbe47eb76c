// D width, F hidden width.
// Names as data: how a file spells each tensor of a block. Stems keep their last separator ('mlp.fc1.', 'in_proj_'), so
// that 'weight' and 'bias' follow as the file writes them; '#' stands for the block's index.
import type { BlockSpec, QkvBias } from '../spec.js';
import type { Part } from './sources.js';

/** Queries, keys and values: a stem each, one for all three, or one for the queries and one for the others. */
export type QkvStems = readonly QkvStem[];
export interface QkvStem {
  readonly stem: string;
  readonly of: 1 | 2 | 3;
  /** Whole names of the biases, one for each of the `of`, where a fused weight has separate ones. */
  readonly biases?: readonly string[];
}

/** Names of the biases of a stem's parts. */
export const biasNames = ({ stem, of, biases }: QkvStem): readonly string[] =>
  biases ?? Array<string>(of).fill(`${stem}bias`);

export interface BlockNames {
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
}

export type Entry = readonly [canonical: string, parts: readonly Part[]];

export const fused = (stem: string): QkvStems => [{ stem, of: 3 }];
export const separate = (...stems: [string, string, string]): QkvStems => stems.map((stem) => ({ stem, of: 1 }));

/** The entries of all blocks. */
export function blocksEntries(names: BlockNames, spec: BlockSpec, prefix: string): Entry[] {
  const stem = (index: number): string => prefix + names.block.replace('#', String(index));
  return Array.from({ length: spec.depth }, (_, index) =>
    oneBlock(names, spec, `blocks.${index}.`, stem(index)),
  ).flat();
}

function oneBlock(names: BlockNames, spec: BlockSpec, to: string, from: string): Entry[] {
  const { hiddenSize: D } = spec;
  const scales = spec.layerScale === null ? [] : known(names.scales, 'LayerScale');
  return [
    ...affine(`${to}norm1.`, from + names.norm1, [D]),
    ...qkvEntries(`${to}attn.qkv.`, from, names.qkv, D, spec.qkvBias),
    ...affine(`${to}attn.proj.`, from + names.proj, [D, D]),
    ...scales.map((name, index): Entry => [`${to}ls${index + 1}.gamma`, [{ name: from + name, shape: [D] }]]),
    ...affine(`${to}norm2.`, from + names.norm2, [D]),
    ...feedForwardEntries(names, spec, `${to}mlp.`, from),
  ];
}

function feedForwardEntries(names: BlockNames, spec: BlockSpec, to: string, from: string): Entry[] {
  const { hiddenSize: D, feedForward } = spec;
  const F = feedForward.hidden;
  if (feedForward.kind === 'mlp') {
    return [...affine(`${to}fc1.`, from + names.mlp[0], [F, D]), ...affine(`${to}fc2.`, from + names.mlp[1], [D, F])];
  }
  const { into, out } = known(names.gated, 'a gated MLP');
  const rows = (2 * F) / into.length;
  return [
    [`${to}w12.weight`, into.map((stem) => ({ name: `${from}${stem}weight`, shape: [rows, D] }))],
    [`${to}w12.bias`, into.map((stem) => ({ name: `${from}${stem}bias`, shape: [rows] }))],
    ...affine(`${to}w3.`, from + out, [D, F]),
  ];
}

/** Weight and bias of a linear layer, a convolution or (one axis) a norm. */
export function affine(to: string, from: string, shape: readonly number[], bias = true): Entry[] {
  const weight: Entry = [`${to}weight`, [{ name: `${from}weight`, shape }]];
  return bias ? [weight, [`${to}bias`, [{ name: `${from}bias`, shape: [shape[0]!] }]]] : [weight];
}

/** Queries, keys and values one below the other: weights [3D, D], biases [3D] with zeros where a model has none. */
export function qkvEntries(to: string, from: string, stems: QkvStems, D: number, bias: QkvBias): Entry[] {
  const present = [bias.query, bias.key, bias.value];
  const weight: Entry = [
    `${to}weight`,
    stems.map(({ stem, of }) => ({ name: `${from}${stem}weight`, shape: [of * D, D] })),
  ];
  if (!present.includes(true)) return [weight];
  let first = 0;
  const parts = stems.flatMap(({ stem, of, biases }) => {
    const flags = present.slice(first, first + of);
    first += of;
    if (biases) return biases.flatMap((name, at) => biasParts(from + name, [flags[at]!], D));
    return biasParts(`${from}${stem}bias`, flags, D);
  });
  return [weight, [`${to}bias`, parts]];
}

/** A bias [n·D] of which only the flagged runs of D count; if none does, the source does not have it. */
function biasParts(name: string, flags: readonly boolean[], D: number): Part[] {
  const shape = [flags.length * D];
  if (flags.every(Boolean)) return [{ name, shape }];
  return flags.map((flag, at) => (flag ? { name, shape, rows: [at * D, (at + 1) * D] } : { name: null, shape: [D] }));
}

/** A name that the spec needs. */
export function known<T>(name: T | undefined, what: string): T {
  if (name !== undefined) return name;
  throw new Error(`This family has no name for ${what}.`);
}
