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
import { within } from '../parameters.js';
import { norm, vitBlock, vitBlockAttention } from './block.js';
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
    let x_BND = embedTokens(spec, params, x_BCHW);
    for (let block = 0; block < started; block++) {
      const at = within(params, `blocks.${block}.`);
      if (block >= whole && block === started - 1) {
        attention.push([block, vitBlockAttention(at, x_BND, spec)]);
        break;
      }
      const { x_BND: next_BND, tap } = vitBlock(at, x_BND, spec, taps.attention.includes(block));
      if (!taps.tokens.includes(block - 1)) x_BND.dispose();
      x_BND = next_BND;
      if (taps.tokens.includes(block)) tokens.push([block, x_BND]);
      if (tap) attention.push([block, tap]);
    }
    if (taps.tokens.includes('final')) tokens.push(['final', norm(within(params), 'norm', x_BND, spec)]);
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

/** Patches and class token with their positions, registers without: [B, C, H, W] → [B, N, D]. */
function embedTokens(spec: VitSpec, params: Params, x_BCHW: Tensor4D): Tensor3D {
  const at = within(params);
  const B = x_BCHW.shape[0];
  return tf.tidy(() => {
    const patches_BTD = embedPatches(within(params, 'patch_embed.proj.'), x_BCHW, spec.patchSize);
    const [class_11D, patch_1TD] = tf.split(at('pos_embed') as Tensor3D, [1, gridTokens(spec.grid)], 1);
    const prefix = [tf.add(at('cls_token'), class_11D!), ...(spec.registers > 0 ? [at('register_tokens')] : [])];
    const repeated = prefix.map((token) => tf.tile(token as Tensor3D, [B, 1, 1]));
    return tf.concat([...repeated, tf.add(patches_BTD, patch_1TD!) as Tensor3D], 1);
  });
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
