// What the families' readers share: heads, grids, depths and a config's values.
import { type TokenGrid, gridTokens } from '@hastejs/plugin-api';
import type { Activation } from '../../layers/activation.js';
import type { VitConfig, VitHint } from './family.js';
import { type SourceShapes, unfit } from './source-shapes.js';

/** Heads of the published models whose head size is not 64, by width: ViT-H 80, g 88, bigG 104, So400m 72. */
const USUAL_HEADS: Readonly<Record<number, number>> = { 1152: 16, 1280: 16, 1408: 16, 1664: 16 };

/** Heads by hint, config, the family's own table, or width / 64. @throws HasteError WEIGHTS_MISMATCH */
export function readHeads(
  D: number,
  { where }: SourceShapes,
  config: VitConfig,
  hint: VitHint,
  own: Readonly<Record<number, number>> = USUAL_HEADS,
): number {
  const heads = hint.heads ?? numberOf(config, 'num_attention_heads') ?? own[D] ?? D / 64;
  if (Number.isInteger(heads) && D % heads === 0) return heads;
  const reason = Number.isInteger(heads)
    ? `its width ${D} does not divide into ${heads} heads`
    : `nothing says how many heads its width ${D} has`;
  throw unfit(where, reason, 'Give the number of heads.');
}

export function numberOf(config: VitConfig, key: string): number | undefined {
  const value = config[key];
  return typeof value === 'number' ? value : undefined;
}

/** transformers' names of activations. @throws HasteError WEIGHTS_MISMATCH for one that is not a GELU. */
export function readActivation(config: VitConfig, hint: VitHint, usual: Activation, where: string): Activation {
  const named = config['hidden_act'];
  if (hint.gelu !== undefined || named === undefined) return hint.gelu ?? usual;
  const forms: Readonly<Record<string, Activation>> = {
    gelu: 'erf',
    gelu_new: 'tanh',
    gelu_pytorch_tanh: 'tanh',
    quick_gelu: 'quick',
  };
  const form = forms[String(named)];
  if (form) return form;
  throw unfit(
    where,
    `its config names the activation '${String(named)}'`,
    `Known are ${Object.keys(forms).join(', ')}.`,
  );
}

/**
 * How many of a position table's rows are leading tokens' (one of `candidates`), and the grid of the others: the hint's, that
 * of the config's image_size, or a square. @throws HasteError WEIGHTS_MISMATCH
 */
export function readGrid(
  rows: number,
  candidates: readonly number[],
  patchSize: number,
  { where }: SourceShapes,
  config: VitConfig,
  hint: VitHint,
): { readonly prefix: number; readonly grid: TokenGrid } {
  const told = [hint.grid, configGrid(config, patchSize)];
  for (const prefix of candidates) {
    const tokens = rows - prefix;
    const side = Math.sqrt(tokens);
    const known = told.find((grid) => grid && gridTokens(grid) === tokens);
    if (known) return { prefix, grid: known };
    if (tokens > 0 && Number.isInteger(side)) return { prefix, grid: { height: side, width: side } };
  }
  const tokens = rows - candidates[0]!;
  throw unfit(where, `its position table holds ${tokens} patches, which is no square grid`, 'Give the grid.');
}

/** Side of the images that most encoders are published for. */
const USUAL_IMAGE = 224;

/** The grid where no position table asks for one. */
export function plainGrid(patchSize: number, config: VitConfig, hint: VitHint): TokenGrid {
  const side = Math.round(USUAL_IMAGE / patchSize);
  return hint.grid ?? configGrid(config, patchSize) ?? { height: side, width: side };
}

/** The grid of a config's image_size, where there is one. */
export function configGrid(config: VitConfig, patchSize: number): TokenGrid | undefined {
  const size = config['image_size'];
  const sides: unknown[] = Array.isArray(size) ? size : [size, size];
  const [height, width] = sides.map((side) => (typeof side === 'number' ? Math.floor(side / patchSize) : 0));
  return height && width ? { height, width } : undefined;
}

/** A tower's own section of a config that describes two, or the config itself. */
export function section(config: VitConfig, name: string): VitConfig {
  const inner = config[name];
  return typeof inner === 'object' && inner !== null ? (inner as VitConfig) : config;
}
