// D width, L positions, P projected width.
import type { Activation } from '../layers/activation.js';
import { type BlockNames, affine, blocksEntries, fused, separate } from '../vit/families/block-names.js';
import { type BoundSources, type Shapes, bindSources } from '../vit/families/bind.js';
import type { VitConfig, VitHint } from '../vit/families/family.js';
import { type ProjectionName, type TokensName, projectionEntries, tokensEntry } from '../vit/families/name-table.js';
import { readProjection } from '../vit/families/read-spec.js';
import { clipActivation, openClipActivation } from '../vit/families/clip-authors.js';
import { numberOf, readActivation, readHeads, section } from '../vit/families/reading.js';
import { type SourceShapes, sourceShapes, unfit } from '../vit/families/source-shapes.js';
import type { NameMap } from '../vit/families/sources.js';
import { textParameters } from './parameters.js';
import { type TextSpec, textBlocks } from './spec.js';

interface TextNames extends BlockNames {
  readonly prefixes: readonly string[];
  readonly tokens: string;
  readonly pos_embed: TokensName;
  readonly norm: string;
  readonly projection: ProjectionName;
  /** The GELU, where the config does not say. */
  readonly gelu: (seen: SourceShapes) => Activation;
  /** What a config says of this tower, in transformers' words. */
  readonly told: (config: VitConfig) => VitConfig;
}

const HUGGING_FACE: TextNames = {
  prefixes: ['text_model.', ''],
  tokens: 'embeddings.token_embedding.',
  pos_embed: ['embeddings.position_embedding.weight', 2],
  block: 'encoder.layers.#.',
  norm1: 'layer_norm1.',
  qkv: separate('self_attn.q_proj.', 'self_attn.k_proj.', 'self_attn.v_proj.'),
  proj: 'self_attn.out_proj.',
  norm2: 'layer_norm2.',
  mlp: ['mlp.fc1.', 'mlp.fc2.'],
  norm: 'final_layer_norm.',
  projection: { name: 'text_projection.weight', parent: /text_model\.$/ },
  gelu: () => 'quick',
  told: (config) => section(config, 'text_config'),
};

/** OpenAI's CLIP and OpenCLIP. */
const AUTHORS: TextNames = {
  prefixes: ['', 'text.'],
  tokens: 'token_embedding.',
  pos_embed: ['positional_embedding', 2],
  block: 'transformer.resblocks.#.',
  norm1: 'ln_1.',
  qkv: fused('attn.in_proj_'),
  proj: 'attn.out_proj.',
  norm2: 'ln_2.',
  mlp: ['mlp.c_fc.', 'mlp.c_proj.'],
  norm: 'ln_final.',
  projection: { name: 'text_projection', transposed: true },
  gelu: clipActivation,
  told: (config) => {
    const heads = numberOf(section(section(config, 'model_cfg'), 'text_cfg'), 'heads');
    return { ...openClipActivation(config), ...(heads !== undefined && { num_attention_heads: heads }) };
  },
};

/** The vision tower, what the two share, and buffers. */
const IGNORED =
  /^(vision_model\..*|visual\..*|visual_projection\.weight|.*position_ids|(.*\.)?attn_mask|logit_scale|logit_bias|input_resolution|context_length|vocab_size)$/;

/** CLIP's end of text, in OpenAI's vocabulary; configs of the first conversions say 2, which is wrong and means 'highest'. */
const END_OF_TEXT = 49407;
const WRONG_END = 2;

/** CLIP's text tower in a weight file that was recognised and checked. */
export interface ReadText extends BoundSources {
  readonly spec: TextSpec;
}

/**
 * Recognises CLIP's text tower, alone or beside the vision tower, under Hugging Face's or the authors' names.
 * @param config the config.json: heads, activation, end-of-text token, which no shape tells.
 * @throws HasteError WEIGHTS_MISMATCH naming missing, misshapen and unknown tensors as the file names them.
 */
export function readClipText(
  shapes: Shapes,
  config: VitConfig = {},
  hint: Pick<VitHint, 'heads' | 'gelu' | 'where'> = {},
): ReadText {
  const where = hint.where ?? 'the weight file';
  for (const names of [HUGGING_FACE, AUTHORS]) {
    for (const prefix of names.prefixes) {
      const seen = sourceShapes(shapes, prefix, where);
      if (!seen.has(`${names.tokens}weight`)) continue;
      const spec = readSpec(names, seen, names.told(config), hint);
      const naming = { summary: "CLIP's text tower", ignored: IGNORED };
      return { spec, ...bindSources(naming, nameMap(names, spec, prefix), textParameters(spec), shapes, where) };
    }
  }
  throw unfit(where, "it has no token embedding under CLIP's names");
}

function readSpec(names: TextNames, seen: SourceShapes, config: VitConfig, hint: VitHint): TextSpec {
  const [vocabulary, D] = seen.shape(`${names.tokens}weight`, 2) as [number, number];
  const end = numberOf(config, 'eos_token_id') ?? (vocabulary > END_OF_TEXT ? END_OF_TEXT : vocabulary - 1);
  return {
    hiddenSize: D,
    depth: seen.depth(names.block.slice(0, names.block.indexOf('#'))),
    numHeads: readHeads(D, seen, config, hint, {}),
    vocabulary,
    length: seen.shape(...names.pos_embed)[0]!,
    hidden: seen.shape(`${names.block.replace('#', '0')}${names.mlp[0]}weight`, 2)[0]!,
    gelu: readActivation(config, hint, names.gelu(seen), seen.where),
    eps: numberOf(config, 'layer_norm_eps') ?? 1e-5,
    end: end === WRONG_END ? 'highest' : end,
    projection: readProjection(names.projection, seen),
  };
}

function nameMap(names: TextNames, spec: TextSpec, prefix: string): NameMap {
  const { hiddenSize: D, vocabulary, length } = spec;
  return new Map([
    ...affine('token_embedding.', prefix + names.tokens, [vocabulary, D], false),
    tokensEntry('pos_embed', names.pos_embed, length, D, prefix),
    ...blocksEntries(names, textBlocks(spec), prefix),
    ...affine('norm.', prefix + names.norm, [D]),
    ...projectionEntries(names.projection, D, spec.projection, prefix),
  ]);
}
