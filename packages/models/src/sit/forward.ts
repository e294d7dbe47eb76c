// B batch, C channels, H×W input size, T tokens, D width, H heads, d = D / H.
import {
  HasteError,
  type QueryKey,
  type StudentInput,
  type StudentOutput,
  type TapValues,
  type Taps,
  type TokenSite,
} from '@hastejs/plugin-api';
import {
  type Params,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  embedding,
  layerNormModulate,
  linear,
  silu,
  tf,
} from '@hastejs/tensor';
import { embedPatches, unpatchify } from '../layers/patches.js';
import { embedTimesteps } from '../layers/timestep.js';
import { type Lookup, within } from '../parameters.js';
import { modulation, sitBlock } from './block.js';
import { type SitConfig, sitGrid } from './config.js';

/**
 * SiT (METHOD section 2): predicted velocity and the taps asked for. With no taps, nothing but the velocity outlives the
 * pass. The whole model runs whatever the taps are, since training needs its output.
 * @throws HasteError SHAPE_MISMATCH or LAYERS_INVALID, before anything is computed.
 */
export function sitForward(config: SitConfig, params: Params, input: StudentInput, taps: Taps): StudentOutput {
  checkInput(config, input);
  checkTaps(config, taps);
  const found = noTapsYet();
  const { velocity_BCHW } = tf.tidy(() => {
    const { x_BTD, c_BD } = runBlocks(config, params, input, taps, config.depth, found);
    const velocity_BCHW = finalLayer(within(params, 'final_layer.'), x_BTD, c_BD, config);
    return { velocity_BCHW, kept: tensorsIn(found) };
  });
  return { velocity_BCHW, taps: found };
}

/**
 * The taps alone: runs up to the last block that one of them needs, and no further.
 * @throws HasteError as {@link sitForward}
 */
export function sitEncode(config: SitConfig, params: Params, input: StudentInput, taps: Taps): TapValues {
  checkInput(config, input);
  checkTaps(config, taps);
  const found = noTapsYet();
  tf.tidy(() => {
    const blocks = Math.max(0, ...[...taps.tokens, ...taps.attention].map((block) => Number(block) + 1));
    if (blocks > 0) runBlocks(config, params, input, taps, blocks, found);
    return tensorsIn(found);
  });
  return found;
}

interface FoundTaps extends TapValues {
  readonly tokens: Map<TokenSite, Tensor3D>;
  readonly attention: Map<number, QueryKey>;
}
const noTapsYet = (): FoundTaps => ({ tokens: new Map(), attention: new Map() });
const tensorsIn = ({ tokens, attention }: TapValues): Tensor[] => [
  ...tokens.values(),
  ...[...attention.values()].flatMap(({ q_BHTd, k_BHTd }) => [q_BHTd, k_BHTd]),
];

/** The first blocks, whose taps go into `found`. Must run inside a tidy. */
function runBlocks(
  config: SitConfig,
  params: Params,
  input: StudentInput,
  taps: Taps,
  blocks: number,
  found: FoundTaps,
): { x_BTD: Tensor3D; c_BD: Tensor2D } {
  let x_BTD = embedImage(config, params, input.x_BCHW);
  const c_BD = silu(condition(params, input.t_B, input.y_B)) as Tensor2D;
  for (let block = 0; block < blocks; block++) {
    const wantsTap = taps.attention.includes(block);
    const { x_BTD: next_BTD, tap } = sitBlock(within(params, `blocks.${block}.`), x_BTD, c_BD, config, wantsTap);
    // Freed block by block: without gradients, the peak is one block and not the whole depth.
    if (!taps.tokens.includes(block - 1)) x_BTD.dispose();
    x_BTD = next_BTD;
    if (taps.tokens.includes(block)) found.tokens.set(block, x_BTD);
    if (tap) found.attention.set(block, tap);
  }
  return { x_BTD, c_BD };
}

/** Patch embedding plus fixed positions: [B, C, H, W] → [B, T, D]. */
export function embedImage(config: SitConfig, params: Params, x_BCHW: Tensor4D): Tensor3D {
  return tf.tidy(() => {
    const patches_BTD = embedPatches(within(params, 'x_embedder.proj.'), x_BCHW, config.patchSize);
    return tf.add(patches_BTD, within(params)('pos_embed'));
  });
}

/** c = time + label: [B] and int32 [B] → [B, D]. */
export function condition(params: Params, t_B: Tensor1D, y_B: Tensor1D): Tensor2D {
  return tf.tidy(() => {
    const label_BD = embedding(within(params)('y_embedder.embedding_table.weight'), y_B);
    return tf.add(embedTimesteps(within(params, 't_embedder.'), t_B), label_BD);
  });
}

/** Modulated norm, then Linear to p·p·C, then back to an image. */
function finalLayer(at: Lookup, x_BTD: Tensor3D, c_BD: Tensor2D, config: SitConfig): Tensor4D {
  return tf.tidy(() => {
    const [shift, scale] = modulation(at, c_BD, 2);
    const patches_BTP = linear(layerNormModulate(x_BTD, shift!, scale!), at('linear.weight'), at('linear.bias'));
    return unpatchify(patches_BTP as Tensor3D, config.patchSize, sitGrid(config));
  });
}

function checkInput({ input }: SitConfig, { x_BCHW, t_B, y_B }: StudentInput): void {
  const B = x_BCHW.shape[0];
  const expected = [B, input.channels, input.height, input.width];
  if (tf.util.arraysEqual(x_BCHW.shape, expected) && t_B.size === B && y_B.size === B) return;
  throw new HasteError('SHAPE_MISMATCH', {
    what: `The model takes x [${expected.join(', ')}] with one time and one label an image, but got x [${x_BCHW.shape.join(', ')}], ${t_B.size} times and ${y_B.size} labels.`,
    where: 'student/sit forward',
    fix: "Give a batch of the student's input shape.",
  });
}

function checkTaps({ depth }: SitConfig, taps: Taps): void {
  const wrong = [...taps.tokens, ...taps.attention].find(
    (site) => typeof site !== 'number' || !Number.isInteger(site) || site < 0 || site >= depth,
  );
  if (wrong === undefined) return;
  throw new HasteError('LAYERS_INVALID', {
    what: `This SiT has no block ${wrong} to take anything from.`,
    where: 'student/sit taps',
    fix: `Name blocks from 0 to ${depth - 1}. A student's final tokens are modulated and no target for alignment.`,
  });
}
