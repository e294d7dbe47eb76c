// B texts, T tokens, D width.
import { type VitConfig, readClipText, textForward, textPool } from '@hastejs/models';
import type { Taps } from '@hastejs/plugin-api';
import { type Params, type Tensor2D, paramsFromHost, tf } from '@hastejs/tensor';
import { attentionMask, textEmbed } from '../../../packages/models/src/text/forward.js';

import type { GoldenCase } from '../runner/golden-case.js';
import { attentionLogits } from './sit.js';

/** CLIP's text transformer: every hidden state and map, with and without padding, and both ways to find a text's end. */
export function checkHfText(golden: GoldenCase): void {
  const weights = golden.hostWeights();
  const shapes = new Map(Object.entries(weights).map(([name, { shape }]) => [name, shape]));
  const config = { ...(golden.config['hf_config'] as VitConfig), eos_token_id: golden.config['eos'] };
  const read = readClipText(shapes, config, { where: golden.name });
  const params: Params = paramsFromHost(read.assemble(weights));
  const ids_BT = golden.input<Tensor2D>('in/input_ids');
  const blocks = Array.from({ length: read.spec.depth }, (_, block) => block);
  const taps: Taps = { tokens: [...blocks, 'final'], attention: blocks };
  const masks = { 'out/': undefined, 'out_mask/': golden.input<Tensor2D>('in/attention_mask') };

  for (const [prefix, mask_BT] of Object.entries(masks)) {
    const values = textForward(read.spec, params, { ids_BT, ...(mask_BT && { mask_BT }) }, taps);
    const final_BTD = values.tokens.get('final')!;
    for (const key of golden.outputs.filter((name) => name.startsWith(prefix))) {
      const name = key.slice(prefix.length);
      const [, kind, index] = /^(hidden_states|attentions)\.(\d+)$/.exec(name) ?? [];
      if (kind === 'attentions') {
        const logits_BHTT = attentionLogits(values.attention.get(Number(index))!);
        golden.expect(key, tf.softmax(tf.add(logits_BHTT, attentionMask(ids_BT.shape[1], mask_BT))));
      } else if (kind)
        golden.expect(key, index === '0' ? textEmbed(params, ids_BT) : values.tokens.get(Number(index) - 1)!);
      else if (name === 'last_hidden_state') golden.expect(key, final_BTD);
      else if (name === 'pooler_output') golden.expect(key, textPool(read.spec, final_BTD, ids_BT));
      else if (name === 'pooler_output_legacy_argmax') {
        golden.expect(key, textPool({ ...read.spec, end: 'highest' }, final_BTD, ids_BT));
      }
    }
  }
}
