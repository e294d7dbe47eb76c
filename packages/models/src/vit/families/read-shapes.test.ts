// D width, F hidden width.
// What no name tells: heads, grids, activations, by the published sizes and by what a config or a hint says.
import { hollowTensors, publish, shapesOf } from '#support/publish-vit.js';
import { PUBLISHED, type PublishedModel } from '#support/published-vits.js';
import { vitParameters } from '../parameters.js';
import type { VitSpec } from '../spec.js';
import type { PositionResampling } from '../positions.js';
import { readVit } from './read.js';

const at = (model: keyof typeof PUBLISHED, file: string): [VitSpec, PublishedModel['files'][string]] => [
  PUBLISHED[model]!.spec,
  PUBLISHED[model]!.files[file]!,
];

/** Reads a model whose spec is changed, from shapes alone. */
function reread(
  [spec, { file, config, hint }]: ReturnType<typeof at>,
  change: Partial<VitSpec>,
  more: Pick<PublishedModel['files'][string], 'config' | 'hint'> = {},
): VitSpec {
  const tensors = publish(hollowTensors(vitParameters({ ...spec, ...change })), file);
  return readVit(shapesOf(tensors), { ...config, ...more.config }, { ...hint, ...more.hint }).spec;
}

describe('readVit', () => {
  it.each<[string, ReturnType<typeof at>, number, number]>([
    ['ViT-S', at('DINO, and any ViT', 'timm'), 384, 6],
    ['MoCo v3 ViT-S', at('MoCo v3, whose small model has heads of 32', 'the checkpoint'), 384, 12],
    ['MAE ViT-H', at('MAE', 'with its decoder'), 1280, 16],
    ['CLIP ViT-L', at('CLIP', "OpenAI's archive"), 1024, 16],
    ['OpenCLIP ViT-H', at('CLIP', 'an OpenCLIP checkpoint'), 1280, 16],
    ['OpenCLIP ViT-bigG', at('CLIP', 'an OpenCLIP checkpoint'), 1664, 16],
    ['SigLIP So400m', at('SigLIP', 'Hugging Face, both towers'), 1152, 16],
    ['SigLIP 2 giant', at('SigLIP', 'timm'), 1536, 16],
    ['I-JEPA ViT-g', at('I-JEPA', 'the checkpoint'), 1408, 16],
    ['DINOv2 ViT-g', at('DINOv2 with SwiGLU', 'the released .pth'), 1536, 24],
    ['DINOv3 ViT-H+', at('DINOv3 with SwiGLU', 'the released .pth'), 1280, 20],
    ['DINOv3 7B', at('DINOv3 with SwiGLU', 'Hugging Face'), 4096, 32],
  ])('knows the heads of %s', (_, published, hiddenSize, numHeads) => {
    expect(reread(published, { hiddenSize }).numHeads).toBe(numHeads);
  });

  it('takes heads, activation, eps and grid from a config, and from a hint before it', () => {
    const vit = at('DINO, and any ViT', 'Hugging Face');
    const config = {
      num_attention_heads: 4,
      hidden_act: 'gelu_pytorch_tanh',
      layer_norm_eps: 1e-3,
      image_size: [4, 16],
    };
    const grid = { height: 2, width: 8 };
    const changed = { grid };
    const read = reread(vit, changed, { config });
    expect(read).toMatchObject({ numHeads: 4, eps: 1e-3, grid, feedForward: { gelu: 'tanh' } });
    const hinted = reread(vit, changed, { config, hint: { heads: 8, gelu: 'quick', grid: { height: 8, width: 2 } } });
    expect(hinted).toMatchObject({ numHeads: 8, grid: { height: 8, width: 2 }, feedForward: { gelu: 'quick' } });
  });

  it("takes a tower's values from its own section of a config", () => {
    const clip = at('CLIP', 'Hugging Face, both towers');
    const config = { num_attention_heads: 1, vision_config: { num_attention_heads: 8, hidden_act: 'gelu' } };
    expect(reread(clip, {}, { config })).toMatchObject({ numHeads: 8, feedForward: { gelu: 'erf' } });
    const openClip = at('CLIP', 'OpenCLIP, whose config says quick');
    const exact = { model_cfg: { vision_cfg: { head_width: 32 } } };
    expect(reread(openClip, {}, { config: exact })).toMatchObject({ numHeads: 4, feedForward: { gelu: 'erf' } });
  });

  it('moves rotary positions to the grid that is asked for, and has the usual one otherwise', () => {
    const dinov3 = at('DINOv3', 'the released .pth');
    expect(reread(dinov3, {}).grid).toEqual({ height: 14, width: 14 });
    expect(reread(dinov3, {}, { config: { image_size: 512 } }).grid).toEqual({ height: 32, width: 32 });
    expect(reread(dinov3, {}, { config: { rope_theta: 50 } }).positions).toEqual({ kind: 'rotary', theta: 50 });
  });

  it.each<[string, Partial<VitSpec>, object, string]>([
    ['a width that nobody has', { hiddenSize: 100 }, {}, 'how many heads its width 100 has'],
    ['heads that do not divide', {}, { hint: { heads: 3 } }, 'width 128 does not divide into 3 heads'],
    ['a grid that is no square', { grid: { height: 2, width: 3 } }, {}, '6 patches, which is no square grid'],
    ['an activation that is no GELU', {}, { config: { hidden_act: 'relu' } }, "the activation 'relu'"],
  ])('refuses %s', (_, change, more, what) => {
    expect(() => reread(at('DINO, and any ViT', 'timm'), change, more)).toThrow(what);
  });

  it("refuses DINOv3's MLP gated by anything but SiLU, which its config alone tells", () => {
    const gated = at('DINOv3 with SwiGLU', 'Hugging Face');
    expect(reread(gated, {}, { config: { hidden_act: 'silu' } }).feedForward.kind).toBe('swiglu');
    expect(() => reread(gated, {}, { config: { hidden_act: 'gelu' } })).toThrow("gated by 'gelu'");
  });

  it.each<[keyof typeof PUBLISHED, string, PositionResampling]>([
    ['DINOv2', 'the released .pth', { kind: 'dinov2', offset: 0.1, antialias: false }],
    ['DINOv2 with registers', 'the released .pth', { kind: 'dinov2', offset: 0, antialias: true }],
    ['DINOv2', 'Hugging Face', { kind: 'plain' }],
    ['DINOv2 with registers', 'Hugging Face', { kind: 'timm' }],
    ['DINO, and any ViT', 'a whole checkpoint', { kind: 'dinov2', offset: 0.1, antialias: false }],
    ['DINO, and any ViT', 'the backbone, as a hint says', { kind: 'dinov2', offset: 0.1, antialias: false }],
    ['DINO, and any ViT', 'Hugging Face', { kind: 'plain' }],
    ['DINO, and any ViT', 'timm', { kind: 'timm' }],
    ['CLIP', "OpenAI's archive", { kind: 'timm' }],
    ['CLIP', 'Hugging Face, both towers', { kind: 'plain' }],
    ['MAE', 'with its decoder', { kind: 'plain' }],
  ])('resamples positions as the code of %s (%s) does', (model, file, resampling) => {
    const { spec, files } = PUBLISHED[model]!;
    const { file: publication, config, hint } = files[file]!;
    const shapes = shapesOf(publish(hollowTensors(vitParameters(spec)), publication));
    expect(readVit(shapes, config, hint).resampling).toEqual(resampling);
  });
});
