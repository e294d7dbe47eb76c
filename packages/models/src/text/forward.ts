// B texts, T tokens each, D width, P projected width.
import { HasteError, type QueryKey, type TapValues, type Taps, type TokenSite } from '@hastejs/plugin-api';
import { type Params, type Tensor2D, type Tensor3D, type Tensor4D, embedding, tf } from '@hastejs/tensor';
import { within } from '../parameters.js';
import { type BlockContext, norm, vitBlock } from '../vit/block.js';
import { type TextSpec, textBlocks } from './spec.js';

/** Added to a logit, it leaves nothing of its exponential; a row of nothing else stays finite. */
const NEVER = -1e9;

export interface TextInput {
  /** Token ids, int32, at most `spec.length` a text. */
  readonly ids_BT: Tensor2D;
  /** 1 for a token, 0 for padding, which nothing then attends to; default: all are tokens. */
  readonly mask_BT?: Tensor2D;
}

/**
 * The taps asked for of CLIP's text transformer: every token sees itself and what comes before. Runs up to the last tap.
 * @throws HasteError SHAPE_MISMATCH for texts that are too long; LAYERS_INVALID for blocks that are not there.
 */
export function textForward(spec: TextSpec, params: Params, { ids_BT, mask_BT }: TextInput, taps: Taps): TapValues {
  const last = lastBlock(spec, taps);
  checkLength(spec, ids_BT);
  const tokens: [TokenSite, Tensor3D][] = [];
  const attention: [number, QueryKey][] = [];
  tf.tidy(() => {
    const context: BlockContext = { spec: textBlocks(spec), mask: attentionMask(ids_BT.shape[1], mask_BT) };
    let x_BTD = textEmbed(params, ids_BT);
    for (let block = 0; block <= last; block++) {
      const result = vitBlock(within(params, `blocks.${block}.`), x_BTD, context, taps.attention.includes(block));
      x_BTD = result.x_BND;
      if (taps.tokens.includes(block)) tokens.push([block, x_BTD]);
      if (result.tap) attention.push([block, result.tap]);
    }
    if (taps.tokens.includes('final')) tokens.push(['final', norm(within(params), 'norm', x_BTD, spec)]);
    return [...tokens.map(([, x]) => x), ...attention.flatMap(([, { q_BHTd, k_BHTd }]) => [q_BHTd, k_BHTd])];
  });
  return { tokens: new Map(tokens), attention: new Map(attention) };
}

/** Token embeddings with their positions: [B, T] → [B, T, D]. */
export function textEmbed(params: Params, ids_BT: Tensor2D): Tensor3D {
  const at = within(params);
  const [B, T] = ids_BT.shape;
  return tf.tidy(() => {
    const flat = embedding(at('token_embedding.weight'), tf.reshape(ids_BT, [B * T]));
    return tf.add(tf.reshape(flat, [B, T, -1]), tf.slice(at('pos_embed') as Tensor3D, [0, 0, 0], [1, T, -1]));
  });
}

/**
 * The token at each text's end, which stands for the text: [B, T, D] → [B, D]. The first where several qualify, the first of
 * all where none does.
 * @param final_BTD the 'final' tokens of textForward.
 */
export function textPool({ end }: TextSpec, final_BTD: Tensor3D, ids_BT: Tensor2D): Tensor2D {
  const [B, T, D] = final_BTD.shape;
  return tf.tidy(() => {
    const score_BT = end === 'highest' ? ids_BT : tf.cast(tf.equal(ids_BT, end), 'int32');
    // A backend's argMax may break ties as it likes: earlier places score a little more.
    const places = tf.cast(tf.range(T, 0, -1), 'int32');
    const unique_BT = tf.add(tf.mul(tf.cast(score_BT, 'int32'), tf.scalar(T + 1, 'int32')), places);
    const rows_B = tf.add(tf.argMax(unique_BT, 1), tf.cast(tf.range(0, B * T, T), 'int32'));
    return embedding(tf.reshape(final_BTD, [B * T, D]), tf.cast(rows_B, 'int32')) as Tensor2D;
  });
}

/** 0 where a token may look, NEVER where it may not: [1, 1, T, T], or [B, 1, T, T] with padding. */
export function attentionMask(T: number, mask_BT: Tensor2D | undefined): Tensor4D {
  const values = Float32Array.from({ length: T * T }, (_, i) => (i % T > Math.floor(i / T) ? NEVER : 0));
  const causal = tf.tensor4d(values, [1, 1, T, T]);
  if (!mask_BT) return causal;
  const absent_B11T = tf.reshape(tf.sub(1, tf.cast(mask_BT, 'float32')), [mask_BT.shape[0], 1, 1, T]);
  return tf.add(causal, tf.mul(absent_B11T, NEVER));
}

function lastBlock({ depth }: TextSpec, { tokens, attention }: Taps): number {
  const blocks = [...tokens.map((site) => (site === 'final' ? depth - 1 : site)), ...attention];
  const wrong = blocks.find((block) => !Number.isInteger(block) || block < 0 || block >= depth);
  if (wrong === undefined) return Math.max(-1, ...blocks);
  throw new HasteError('LAYERS_INVALID', {
    what: `This text encoder has no block ${wrong}.`,
    where: 'text taps',
    fix: `Name blocks from 0 to ${depth - 1}, or 'final' for tokens.`,
  });
}

function checkLength({ length }: TextSpec, { shape }: Tensor2D): void {
  if (shape[1] <= length) return;
  throw new HasteError('SHAPE_MISMATCH', {
    what: `The text encoder takes at most ${length} tokens, but the texts have ${shape[1]}.`,
    where: 'text forward',
    fix: `Cut the texts to ${length} tokens, the end-of-text token included.`,
  });
}
