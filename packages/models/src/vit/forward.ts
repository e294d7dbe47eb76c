// B batch, C channels, H×W pixels, T patch tokens, P prefix tokens, N = P + T, D width, d head size.
import {
  HasteError,
  type QueryKey,
  type TapValues,
  type Taps,
  type TokenSite,
  formatGrid,
  gridTokens,
} from '@hastejs/plugin-api';
import { type Params, type Tensor2D, type Tensor3D, type Tensor4D, tf } from '@hastejs/tensor';
import { embedPatches } from '../layers/patches.js';
import { type Rotation, rotation } from '../layers/rotary.js';
import { type Lookup, within } from '../parameters.js';
import { type BlockContext, norm, vitBlock, vitBlockAttention } from './block.js';
import { type VitSpec, prefixTokens } from './spec.js';

/**
 * The taps asked for, over all tokens: class, registers, patches. Runs up to the last tap and no further; of a block that
 * only its attention is wanted of and that nothing comes after, only queries and keys are computed.
 * @param x_BCHW normalised images of `spec.grid × spec.patchSize` pixels.
 * @throws HasteError SHAPE_MISMATCH or LAYERS_INVALID, before anything is computed.
 */
export function vitForward(spec: VitSpec, params: Params, x_BCHW: Tensor4D, taps: Taps): TapValues {
  checkImages(spec, x_BCHW);
  checkTaps(spec, taps);
  const tokens: [TokenSite, Tensor3D][] = [];
  const attention: [number, QueryKey][] = [];
  // The number of whole blocks that the tokens asked for need.
  const whole = taps.tokens.includes('final')
    ? spec.depth
    : Math.max(0, ...taps.tokens.map((site) => Number(site) + 1));
  const started = Math.max(whole, ...taps.attention.map((block) => block + 1));
  tf.tidy(() => {
    const context: BlockContext = { spec, rotation: started > 0 ? rotationOf(spec) : undefined };
    let x_BND = vitEmbed(spec, params, x_BCHW);
    for (let block = 0; block < started; block++) {
      const at = within(params, `blocks.${block}.`);
      if (block >= whole && block === started - 1) {
        attention.push([block, vitBlockAttention(at, x_BND, context)]);
        break;
      }
      const { x_BND: next_BND, tap } = vitBlock(at, x_BND, context, taps.attention.includes(block));
      if (!taps.tokens.includes(block - 1)) x_BND.dispose();
      x_BND = next_BND;
      if (taps.tokens.includes(block)) tokens.push([block, x_BND]);
      if (tap) attention.push([block, tap]);
    }
    if (taps.tokens.includes('final')) {
      tokens.push(['final', spec.finalNorm ? norm(within(params), 'norm', x_BND, spec) : tf.clone(x_BND)]);
    }
    return [...tokens.map(([, x]) => x), ...attention.flatMap(([, { q_BHTd, k_BHTd }]) => [q_BHTd, k_BHTd])];
  });
  return { tokens: new Map(tokens), attention: new Map(attention) };
}

/** The same taps over patch tokens alone, as alignment wants them. The given tensors are left alone. */
export function patchTaps(spec: VitSpec, { tokens, attention }: TapValues): TapValues {
  const P = prefixTokens(spec);
  const cutTokens = (x: Tensor3D): Tensor3D => tf.slice(x, [0, P, 0], [-1, -1, -1]);
  const cutHeads = (x: Tensor4D): Tensor4D => tf.slice(x, [0, 0, P, 0], [-1, -1, -1, -1]);
  return {
    tokens: new Map([...tokens].map(([site, x]) => [site, cutTokens(x)])),
    attention: new Map(
      [...attention].map(([block, { q_BHTd, k_BHTd }]) => [
        block,
        { q_BHTd: cutHeads(q_BHTd), k_BHTd: cutHeads(k_BHTd) },
      ]),
    ),
  };
}

/** The final normalised class token, which a classifier reads: [B, C, H, W] → [B, D]. Differentiable. */
export function vitClassToken(spec: VitSpec, params: Params, x_BCHW: Tensor4D): Tensor2D {
  return tf.tidy(() => {
    const final_BND = vitForward(spec, params, x_BCHW, { tokens: ['final'], attention: [] }).tokens.get('final')!;
    return tf.reshape(tf.slice(final_BND, [0, 0, 0], [-1, 1, -1]), [x_BCHW.shape[0], spec.hiddenSize]);
  });
}

/**
 * The tokens that enter the first block: class, registers and patches with the positions that they have, normalised if the
 * model does: [B, C, H, W] → [B, N, D].
 */
export function vitEmbed(spec: VitSpec, params: Params, x_BCHW: Tensor4D): Tensor3D {
  const at = within(params);
  return tf.tidy(() => {
    const patches_BTD = embedPatches(within(params, 'patch_embed.proj.'), x_BCHW, spec.patchSize, spec.patchBias);
    const { leading, patches } = addPositions(spec, at, leadingTokens(spec, at), patches_BTD);
    const repeated = leading.map((token) => tf.tile(token, [x_BCHW.shape[0], 1, 1]));
    const x_BND = repeated.length > 0 ? tf.concat([...repeated, patches], 1) : patches;
    return spec.preNorm ? norm(at, 'norm_pre', x_BND, spec) : x_BND;
  });
}

/** Class token and registers, [1, n, D] each. */
function leadingTokens({ classToken, registers }: VitSpec, at: Lookup): Tensor3D[] {
  const names = [...(classToken ? ['cls_token'] : []), ...(registers > 0 ? ['register_tokens'] : [])];
  return names.map((name) => at(name) as Tensor3D);
}

/** Adds a position table to the tokens that it has rows for: as many of the leading ones as `prefix` says, and all patches. */
function addPositions(
  { positions, grid }: VitSpec,
  at: Lookup,
  leading: readonly Tensor3D[],
  patches_BTD: Tensor3D,
): { leading: readonly Tensor3D[]; patches: Tensor3D } {
  if (positions.kind !== 'table') return { leading, patches: patches_BTD };
  const { prefix } = positions;
  const table_1ND = at('pos_embed') as Tensor3D;
  if (prefix === 0) return { leading, patches: tf.add(patches_BTD, table_1ND) };
  const [prefix_1PD, patch_1TD] = tf.split(table_1ND, [prefix, gridTokens(grid)], 1);
  let row = 0;
  const placed = leading.map((token) => {
    const [from, count] = [row, token.shape[1]];
    row += count;
    return row <= prefix ? (tf.add(token, tf.slice(prefix_1PD!, [0, from, 0], [1, count, -1])) as Tensor3D) : token;
  });
  return { leading: placed, patches: tf.add(patches_BTD, patch_1TD!) };
}

function rotationOf(spec: VitSpec): Rotation | undefined {
  if (spec.positions.kind !== 'rotary') return undefined;
  return rotation(spec.hiddenSize / spec.numHeads, spec.grid, prefixTokens(spec), spec.positions.theta);
}

function checkImages({ channels, grid, patchSize }: VitSpec, x_BCHW: Tensor4D): void {
  const expected = [x_BCHW.shape[0], channels, grid.height * patchSize, grid.width * patchSize];
  if (tf.util.arraysEqual(x_BCHW.shape, expected)) return;
  throw new HasteError('SHAPE_MISMATCH', {
    what: `The encoder takes images [${expected.join(', ')}], ${formatGrid(grid)} patches of ${patchSize}, but got [${x_BCHW.shape.join(', ')}].`,
    where: 'ViT forward',
    fix: 'Resize the images, or resample the position table to their grid.',
  });
}

function checkTaps({ depth }: VitSpec, { tokens, attention }: Taps): void {
  const sites = [...tokens.filter((site) => site !== 'final'), ...attention];
  const wrong = sites.find((site) => !Number.isInteger(site) || Number(site) < 0 || Number(site) >= depth);
  if (wrong === undefined) return;
  throw new HasteError('LAYERS_INVALID', {
    what: `This encoder has no block ${wrong}.`,
    where: 'ViT taps',
    fix: `Name blocks from 0 to ${depth - 1}, or 'final' for tokens.`,
  });
}
