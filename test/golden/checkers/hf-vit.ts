// B batch, N tokens with class and registers, D width, H heads.
import {
  type VitConfig,
  type VitFamilyId,
  type VitSpec,
  moveToGrid,
  readVit,
  vitEmbed,
  vitForward,
  vitPool,
} from '@hastejs/models';
import type { TapValues, Taps, TokenGrid } from '@hastejs/plugin-api';
import { type Params, type Tensor, type Tensor4D, paramsFromHost, tf } from '@hastejs/tensor';
import type { GoldenCase } from '../runner/golden-case.js';
import { attentionLogits } from './sit.js';

/** Which family the files of a kind must be recognised as, by their names and config alone. */
const FAMILIES: Readonly<Record<string, VitFamilyId>> = {
  dinov2: 'dinov2-hf',
  dinov2_reg: 'dinov2-hf',
  dinov3: 'dinov3-hf',
  clip_vision: 'clip-hf',
  siglip: 'siglip-hf',
  mae: 'mae-hf',
};

/** An encoder from its Hugging Face weights: every hidden state, every attention map, pooled output, at every image size. */
export function checkHfVit(golden: GoldenCase): void {
  const weights = golden.hostWeights();
  const shapes = new Map(Object.entries(weights).map(([name, { shape }]) => [name, shape]));
  const read = readVit(shapes, golden.config['hf_config'] as VitConfig, { where: golden.name });
  const kind = String(golden.config['kind']);
  golden.require(read.family === FAMILIES[kind], `recognised as ${read.family}`);
  const params = paramsFromHost(read.assemble(weights));
  for (const key of golden.inputs) {
    const [, label] = /^in\/pixel_values(.*)$/.exec(key) ?? [];
    if (label === undefined) throw new Error(`The case '${golden.name}' has an input '${key}' that is no image.`);
    const x_BCHW = golden.input<Tensor4D>(key);
    const { patchSize } = read.spec;
    const grid: TokenGrid = { height: x_BCHW.shape[2] / patchSize, width: x_BCHW.shape[3] / patchSize };
    const moved = moveToGrid(read.spec, params, grid, read.resampling);
    // CLIP's last hidden state is the last block's; the others' are normalised.
    checkImage(golden, moved, x_BCHW, `out${label}/`, kind === 'clip_vision' ? 'last' : 'final');
  }
}

function checkImage(
  golden: GoldenCase,
  { spec, params }: { spec: VitSpec; params: Params },
  x_BCHW: Tensor4D,
  prefix: string,
  lastHidden: 'last' | 'final',
): void {
  const blocks = Array.from({ length: spec.depth }, (_, block) => block);
  const taps: Taps = { tokens: [...blocks, 'final'], attention: blocks };
  const values = vitForward(spec, params, x_BCHW, taps);
  for (const key of golden.outputs.filter((name) => name.startsWith(prefix))) {
    golden.expect(key, outputOf(key.slice(prefix.length), spec, params, x_BCHW, values, lastHidden));
  }
}

function outputOf(
  name: string,
  spec: VitSpec,
  params: Params,
  x_BCHW: Tensor4D,
  values: TapValues,
  lastHidden: 'last' | 'final',
): Tensor {
  const [, kind, index] = /^(hidden_states|attentions)\.(\d+)$/.exec(name) ?? [];
  if (kind === 'attentions') return tf.softmax(attentionLogits(values.attention.get(Number(index))!));
  if (index === '0') return vitEmbed(spec, params, x_BCHW);
  if (kind === 'hidden_states') return values.tokens.get(Number(index) - 1)!;
  if (name === 'pooler_output') return vitPool(spec, params, values.tokens.get('final')!);
  if (name === 'last_hidden_state') return values.tokens.get(lastHidden === 'final' ? 'final' : spec.depth - 1)!;
  throw new Error(`The checker does not know the output '${name}'.`);
}
