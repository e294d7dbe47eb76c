// D width.
// What is wrong with a file is said by the names that it has.
import { type HostTensors, publish, randomTensors, shapesOf } from '#support/publish-vit.js';
import { PUBLISHED } from '#support/published-vits.js';
import { vitParameters } from '../parameters.js';
import { readVit } from './read.js';

const { spec, files } = PUBLISHED['DINO, and any ViT']!;
const HF = publish(randomTensors(vitParameters(spec)), files['Hugging Face']!.file);
const TIMM = publish(randomTensors(vitParameters(spec)), files['timm']!.file);
const KEY = 'encoder.layer.1.attention.attention.key.weight';

const without = (tensors: HostTensors, ...names: string[]): HostTensors =>
  Object.fromEntries(Object.entries(tensors).filter(([name]) => !names.includes(name)));
const read = (tensors: HostTensors) => readVit(shapesOf(tensors), {}, { where: 'model.safetensors' });

describe('readVit', () => {
  it.each<[string, HostTensors, string]>([
    ['missing', without(HF, KEY), `'${KEY}' [128, 128] is missing`],
    ['missing and decide', without(TIMM, 'blocks.0.mlp.fc1.weight'), "it has no tensor 'blocks.0.mlp.fc1.weight'"],
    ['misshapen', { ...HF, [KEY]: { ...HF[KEY]!, shape: [128, 64] } }, `'${KEY}' is [128, 64] instead of [128, 128]`],
    ['unknown', { ...HF, 'encoder.adapter': HF[KEY]! }, "'encoder.adapter' [128, 128] is not part of it"],
    [
      'of a block too many',
      { ...TIMM, 'blocks.3.norm1.weight': TIMM['norm.weight']! },
      "'blocks.2.norm1.weight' [128]",
    ],
    [
      'without LayerScale in one block',
      { ...TIMM, 'blocks.0.ls1.gamma': TIMM['norm.bias']! },
      "'blocks.1.ls1.gamma' [128]",
    ],
    ['of another number of axes', { ...TIMM, 'patch_embed.proj.weight': TIMM['norm.bias']! }, 'which is not of 4 axes'],
    ['of no family', { 'conv1.weight': TIMM['norm.bias']! }, "no family that is known ('conv1.weight')"],
    ['none at all', {}, 'it has no tensors'],
  ])('names tensors that are %s', (_, tensors, what) => {
    expect(() => read(tensors)).toThrow(
      expect.objectContaining({
        code: 'WEIGHTS_MISMATCH',
        what: expect.stringContaining(what) as string,
        where: 'model.safetensors',
      }),
    );
  });

  it('names six and counts the others', () => {
    expect(() =>
      read(
        without(
          TIMM,
          ...Object.keys(TIMM)
            .filter((name) => name.startsWith('blocks.1.'))
            .slice(1),
        ),
      ),
    ).toThrow(/missing; and 5 more\./);
  });

  it('names what a hint asked for in vain, and the families that there are', () => {
    expect(() => readVit(shapesOf(TIMM), {}, { family: 'clip' })).toThrow('the names are not those of clip');
    expect(() => readVit(shapesOf(TIMM), {}, { family: 'clip' })).toThrow(/dinov2-hf.*mocov3.*timm/);
  });

  it('refuses tensors that are not those of the shapes, or whose element types do not go together', () => {
    const { assemble } = readVit(shapesOf(HF));
    expect(() => assemble(without(HF, KEY))).toThrow(`'${KEY}' [128, 128] is missing`);
    const half = { dtype: 'F16', shape: [128, 128], data: new Uint16Array(128 * 128) } as const;
    expect(() => assemble({ ...HF, [KEY]: half })).toThrow(`'${KEY}' F16`);
  });
});
