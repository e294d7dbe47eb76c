// D width, P projected width.
import {
  type Publication,
  hollowTensors,
  publish,
  randomTensors,
  shapesOf,
  squeezed,
  transposed,
} from '#support/publish-vit.js';
import { textParameters } from './parameters.js';
import { readClipText } from './read.js';
import type { TextSpec } from './spec.js';

const SPEC: TextSpec = {
  hiddenSize: 128,
  depth: 2,
  numHeads: 2,
  vocabulary: 11,
  length: 6,
  hidden: 12,
  gelu: 'quick',
  eps: 1e-5,
  end: 10,
  projection: 24,
};

const HUGGING_FACE: Publication = {
  prefix: 'text_model.',
  stems: {
    token_embedding: 'embeddings.token_embedding',
    pos_embed: 'embeddings.position_embedding.weight',
    'blocks.#.norm1': 'encoder.layers.#.layer_norm1',
    'blocks.#.attn.qkv': ['q', 'k', 'v'].map((part) => `encoder.layers.#.self_attn.${part}_proj`),
    'blocks.#.attn.proj': 'encoder.layers.#.self_attn.out_proj',
    'blocks.#.norm2': 'encoder.layers.#.layer_norm2',
    'blocks.#.mlp.fc1': 'encoder.layers.#.mlp.fc1',
    'blocks.#.mlp.fc2': 'encoder.layers.#.mlp.fc2',
    norm: 'final_layer_norm',
    'projection.weight': '/text_projection.weight',
  },
  rewrite: { 'embeddings.position_embedding.weight': squeezed(2) },
  extras: { 'vision_model.post_layernorm.weight': [8], 'visual_projection.weight': [24, 8], logit_scale: [] },
};

const AUTHORS: Publication = {
  stems: {
    pos_embed: 'positional_embedding',
    'blocks.#.norm1': 'transformer.resblocks.#.ln_1',
    'blocks.#.attn.qkv': 'transformer.resblocks.#.attn.in_proj_',
    'blocks.#.attn.proj': 'transformer.resblocks.#.attn.out_proj',
    'blocks.#.norm2': 'transformer.resblocks.#.ln_2',
    'blocks.#.mlp.fc1': 'transformer.resblocks.#.mlp.c_fc',
    'blocks.#.mlp.fc2': 'transformer.resblocks.#.mlp.c_proj',
    norm: 'ln_final',
    'projection.weight': 'text_projection',
  },
  rewrite: { positional_embedding: squeezed(2), text_projection: transposed },
  extras: { 'visual.proj': [8, 24], 'visual.class_embedding': [8], logit_scale: [] },
};
const OPENAI = { ...AUTHORS, extras: { ...AUTHORS.extras, input_resolution: [], context_length: [], vocab_size: [] } };

const shapes = (spec: TextSpec, publication: Publication) =>
  shapesOf(publish(hollowTensors(textParameters(spec)), publication));

describe('readClipText', () => {
  it('reads the same model under Hugging Face names and under the authors', () => {
    const model = randomTensors(textParameters(SPEC));
    for (const publication of [HUGGING_FACE, OPENAI]) {
      const file = publish(model, publication);
      const read = readClipText(shapesOf(file));
      expect(read.spec).toEqual(SPEC);
      expect(read.assemble(Object.fromEntries(read.sources.map((name) => [name, file[name]!])))).toEqual(model);
    }
  });

  it('takes the GELU of OpenCLIP from its config, and the exact one where that says nothing', () => {
    const open = shapes(SPEC, AUTHORS);
    expect(readClipText(open).spec.gelu).toBe('erf');
    expect(readClipText(open, { model_cfg: { quick_gelu: true, text_cfg: { heads: 4 } } }).spec).toMatchObject({
      gelu: 'quick',
      numHeads: 4,
    });
  });

  it("knows the end of OpenAI's vocabulary, and that 2 in a config means the highest id", () => {
    const large = { ...SPEC, vocabulary: 49408 };
    expect(readClipText(shapes(large, HUGGING_FACE)).spec.end).toBe(49407);
    const config = { text_config: { eos_token_id: 2, num_attention_heads: 8 }, eos_token_id: 5 };
    expect(readClipText(shapes(large, HUGGING_FACE), config).spec).toMatchObject({ end: 'highest', numHeads: 8 });
  });

  it('names what is missing, and files of other models', () => {
    const file = shapes(SPEC, HUGGING_FACE);
    file.delete('text_model.encoder.layers.1.mlp.fc2.bias');
    expect(() => readClipText(file)).toThrow("'text_model.encoder.layers.1.mlp.fc2.bias' [128] is missing");
    expect(() => readClipText(new Map([['wte.weight', [3, 4]]]))).toThrow('no token embedding');
  });
});
