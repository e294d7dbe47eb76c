import type { Activation } from '../../layers/activation.js';
import { fused } from './block-names.js';
import type { VitConfig, VitFamily } from './family.js';
import { type VitNames, nameMap } from './name-table.js';
import { readSpec } from './read-spec.js';
import { numberOf, section } from './reading.js';
import type { SourceShapes } from './source-shapes.js';

const NAMES: VitNames = {
  cls_token: ['class_embedding', 1],
  pos_embed: ['positional_embedding', 2],
  patch: 'conv1.',
  normPre: 'ln_pre.',
  block: 'transformer.resblocks.#.',
  norm1: 'ln_1.',
  qkv: fused('attn.in_proj_'),
  proj: 'attn.out_proj.',
  norm2: 'ln_2.',
  scales: ['ls_1.gamma', 'ls_2.gamma'],
  mlp: ['mlp.c_fc.', 'mlp.c_proj.'],
  norm: 'ln_post.',
  projection: { name: 'proj', transposed: true },
};

/** What OpenAI's archives hold beside the weights, and no file of OpenCLIP does. */
const OPENAI_ONLY = 'input_resolution';

/**
 * OpenAI's CLIP archives and OpenCLIP's files, which share names and differ in the GELU: OpenAI's is the quick one, OpenCLIP's
 * the exact one unless its open_clip_config.json says quick_gelu. SigLIP in OpenCLIP is timm's (`visual.trunk.`).
 */
export const clip: VitFamily = {
  id: 'clip',
  summary: "CLIP's vision tower under its authors' names",
  prefixes: ['visual.', 'module.visual.', 'state_dict.module.visual.', 'state_dict.visual.', ''],
  marks: ['class_embedding', 'conv1.weight', 'ln_pre.weight', 'transformer.resblocks.0.ln_1.weight'],
  ignored:
    /^(state_dict\.)?(module\.)?(transformer\..*|text\..*|token_embedding\.weight|positional_embedding|ln_final\..*|text_projection|logit_scale|logit_bias|attn_mask|input_resolution|context_length|vocab_size)$|^(optimizer|scaler)\.|^(epoch|name)$/,
  resampling: () => ({ kind: 'timm' }),
  spec: (shapes, config, hint) => {
    const D = shapes.shape('class_embedding', 1)[0]!;
    const headWidth = numberOf(section(section(config, 'model_cfg'), 'vision_cfg'), 'head_width');
    const told = {
      ...openClipActivation(config),
      ...(headWidth !== undefined && { num_attention_heads: D / headWidth }),
    };
    const gelu = clipActivation(shapes.outside(/visual\.$/));
    return readSpec(NAMES, shapes, told, hint, { eps: 1e-5, gelu, classToken: true });
  },
  names: (spec, prefix) => nameMap(NAMES, spec, prefix),
};

/** The GELU of a file whose config is not at hand. @param whole the file, both towers. */
export const clipActivation = (whole: SourceShapes): Activation => (whole.has(OPENAI_ONLY) ? 'quick' : 'erf');

/** What an open_clip_config.json says of the GELU, in transformers' words. */
export const openClipActivation = (config: VitConfig): VitConfig => {
  const quick = section(config, 'model_cfg')['quick_gelu'];
  return typeof quick === 'boolean' ? { hidden_act: quick ? 'quick_gelu' : 'gelu' } : {};
};
