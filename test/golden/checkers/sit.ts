// B batch, T tokens, D width, H heads, d head size.
import type { QueryKey, TapValues } from '@hastejs/plugin-api';
import { sitForward } from '@hastejs/models';
import { type Params, type Tensor, type Tensor1D, type Tensor4D, embedding, subParams, tf } from '@hastejs/tensor';
import { embedPatches } from '../../../packages/models/src/layers/patches.js';
import { TIMESTEP_SINUSOIDS, embedTimesteps, sinusoids } from '../../../packages/models/src/layers/timestep.js';
import { within } from '../../../packages/models/src/parameters.js';
import { project } from '../../../plugins/loss-feature/src/projector.js';
import type { GoldenCase } from '../runner/golden-case.js';
import { sitConfigOf } from '../runner/sit-config.js';

/** Forward pass of the student: every block, attention logits, projections, and the embeddings on the way. */
export function checkSit(golden: GoldenCase): void {
  const config = sitConfigOf(golden.config);
  const params = golden.weights();
  const input = {
    x_BCHW: golden.input<Tensor4D>('in/x'),
    t_B: golden.input<Tensor1D>('in/t'),
    y_B: golden.input<Tensor1D>('in/y'),
  };
  const blocks = Array.from({ length: config.depth }, (_, block) => block);
  const { velocity_BCHW, taps } = sitForward(config, params, input, { tokens: blocks, attention: blocks });

  const embeddings: Record<string, () => Tensor> = {
    'out/pred': () => velocity_BCHW,
    'out/patch_embed': () => embedPatches(within(params, 'x_embedder.proj.'), input.x_BCHW, config.patchSize),
    'out/t_freq': () => sinusoids(input.t_B, TIMESTEP_SINUSOIDS),
    'out/t_embed': () => embedTimesteps(within(params, 't_embedder.'), input.t_B),
    'out/y_embed': () => embedding(within(params)('y_embedder.embedding_table.weight'), input.y_B),
  };
  for (const key of golden.outputs) {
    const actual = embeddings[key]?.() ?? tapOutput(key, params, taps, golden.config['encoder_depth'] as number);
    if (actual) golden.expect(key, actual);
  }
}

/** `out/block.k`, `out/attn.k` and `out/proj.i`, shared by all cases with a student. */
export function tapOutput(key: string, params: Params, taps: TapValues, encoderDepth: number): Tensor | null {
  const [, kind, index] = /^out\/(block|attn|proj)\.(\d+)$/.exec(key) ?? [];
  if (kind === 'block') return taps.tokens.get(Number(index))!;
  if (kind === 'attn') return attentionLogits(taps.attention.get(Number(index))!);
  if (kind === 'proj') return project(subParams(params, `projectors.${index}.`), taps.tokens.get(encoderDepth - 1)!);
  return null;
}

/** q·kᵀ·d^−½, which Haste itself never forms for its callers. */
export function attentionLogits({ q_BHTd, k_BHTd }: QueryKey): Tensor4D {
  return tf.mul(tf.matMul(q_BHTd, k_BHTd, false, true), 1 / Math.sqrt(q_BHTd.shape[3]));
}
