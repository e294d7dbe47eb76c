// B batch, N tokens with class and registers, D width, H heads, d head size.
import type { TapValues, TokenGrid } from '@hastejs/plugin-api';
import {
  type PositionResampling,
  type VitSpec,
  checkParameters,
  patchTaps,
  resamplePositions,
  swigluHidden,
  vitForward,
  vitParameters,
  vitSpec,
} from '@hastejs/models';
import { type Params, type Tensor, type Tensor3D, type Tensor4D, omitParams, tf } from '@hastejs/tensor';
import type { GoldenCase } from '../runner/golden-case.js';
import { attentionLogits } from './sit.js';

/** Only pretraining uses it. */
const UNUSED = ['mask_token'];

/** The encoder on its own grid, resampled as timm does it and as DINOv2 does it: tokens and logits of every block. */
export function checkDinov2(golden: GoldenCase): void {
  const spec = specOf(golden);
  const params = omitParams(golden.weights(), UNUSED);
  checkParameters(vitParameters(spec), params, golden.name);
  for (const key of golden.inputs) {
    const [, label] = /^in\/x_(\w+)$/.exec(key) ?? [];
    if (!label) throw new Error(`The case '${golden.name}' has an input '${key}' that is no image.`);
    const how: PositionResampling = label === 'internal' ? ownResampling(golden) : { kind: 'timm' };
    checkGrid(golden, spec, params, { label, prefix: label === 'internal' ? 'out_internal' : `out${label}`, how });
  }
}

function checkGrid(
  golden: GoldenCase,
  spec: VitSpec,
  params: Params,
  { label, prefix, how }: { label: string; prefix: string; how: PositionResampling },
): void {
  const x_BCHW = golden.input<Tensor4D>(`in/x_${label}`);
  const grid: TokenGrid = { height: x_BCHW.shape[2] / spec.patchSize, width: x_BCHW.shape[3] / spec.patchSize };
  const pos_embed = resamplePositions(params['pos_embed'] as Tensor3D, spec.grid, grid, how);
  golden.expect(`out/pos_embed_${label}`, pos_embed);

  const blocks = Array.from({ length: spec.depth }, (_, block) => block);
  const resampled = { ...spec, grid };
  const all = { tokens: ['final' as const, spec.depth - 1], attention: blocks };
  const taps = vitForward(resampled, { ...params, pos_embed }, x_BCHW, all);
  for (const key of golden.outputs.filter((name) => name.startsWith(`${prefix}/`))) {
    golden.expect(key, outputOf(key.slice(prefix.length + 1), resampled, taps));
  }
  checkShortcuts(golden, resampled, { ...params, pos_embed }, x_BCHW, taps);
}

function outputOf(name: string, spec: VitSpec, taps: TapValues): Tensor {
  const final_BND = taps.tokens.get('final')!;
  const rows = (from: number, count: number): Tensor => tf.slice(final_BND, [0, from, 0], [-1, count, -1]);
  const [, block] = /^attn_act\.(\d+)$/.exec(name) ?? [];
  // The released attention hook cuts the class token alone; Haste cuts the registers too (see checkShortcuts).
  if (block) return tf.slice(attentionLogits(taps.attention.get(Number(block))!), [0, 0, 1, 1], [-1, -1, -1, -1]);
  switch (name) {
    case 'x_norm_clstoken':
      return tf.squeeze(rows(0, 1), [1]);
    case 'x_norm_regtokens':
      return rows(1, spec.registers);
    case 'x_norm_patchtokens':
      return patchTaps(spec, taps).tokens.get('final')!;
    case 'x_prenorm':
      return taps.tokens.get(spec.depth - 1)!;
    default:
      throw new Error(`The checker does not know the output '${name}'.`);
  }
}

/** Asking for less must give the same: one block's attention alone, cut to the patches. */
function checkShortcuts(golden: GoldenCase, spec: VitSpec, params: Params, x_BCHW: Tensor4D, taps: TapValues): void {
  for (const [block, whole] of patchTaps(spec, taps).attention) {
    const alone = patchTaps(spec, vitForward(spec, params, x_BCHW, { tokens: [], attention: [block] }));
    for (const part of ['q_BHTd', 'k_BHTd'] as const) {
      const error = tf.max(tf.abs(tf.sub(alone.attention.get(block)![part], whole[part]))).dataSync()[0]!;
      golden.require(error <= 1e-5, `block ${block} alone gives another ${part}, off by ${error}`);
    }
  }
}

function ownResampling({ config }: GoldenCase): PositionResampling {
  const [offset, antialias] = [config['interpolate_offset'] as number, config['interpolate_antialias'] as boolean];
  return { kind: 'dinov2', offset, antialias };
}

function specOf({ config, name }: GoldenCase): VitSpec {
  const [hiddenSize, patchSize] = [config['embed_dim'] as number, config['patch_size'] as number];
  const side = (config['img_size'] as number) / patchSize;
  const ffn = config['ffn_layer'] as string;
  if (!['mlp', 'swiglu', 'swiglufused'].includes(ffn)) throw new Error(`${name} has an unknown ffn_layer '${ffn}'.`);
  return vitSpec({
    hiddenSize,
    patchSize,
    depth: config['depth'] as number,
    numHeads: config['num_heads'] as number,
    grid: { height: side, width: side },
    registers: config['num_register_tokens'] as number,
    ...(ffn !== 'mlp' && { feedForward: { kind: 'swiglu', hidden: swigluHidden(hiddenSize) } }),
  });
}
