import { publishedTransform } from './published-transform.js';

const from = (config: object, preprocessor: object) =>
  publishedTransform({ config: { ...config }, preprocessor: { ...preprocessor }, metadata: {} });
const numbers = { image_mean: [0.1], image_std: [0.2] };
const normalisation = { mean: [0.1], std: [0.2] };

describe('what publishers say of images', () => {
  it.each([
    [
      "DINOv2's, which crops",
      { size: { shortest_edge: 256 }, do_center_crop: true, crop_size: { height: 224, width: 224 }, resample: 3 },
      { filter: 'bicubic', fit: 'shortest', resize: 256, crop: 224 },
    ],
    [
      "CLIP's, of old",
      { size: 224, do_center_crop: true, crop_size: 224, resample: 3 },
      { filter: 'bicubic', fit: 'shortest', resize: 224, crop: 224 },
    ],
    [
      "SigLIP 2's, which stretches",
      { size: { height: 384, width: 384 }, resample: 2 },
      { filter: 'bilinear', fit: 'stretch', resize: 384, crop: 384 },
    ],
    ["MAE's, of old", { size: 224, resample: 3 }, { filter: 'bicubic', fit: 'stretch', resize: 224, crop: 224 }],
    ['a short edge without a crop', { size: { shortest_edge: 224 } }, { fit: 'shortest', resize: 224, crop: 224 }],
    ['a filter that the encoders do not use', { resample: 1 }, {}],
  ])('reads transformers: %s', (_, preprocessor, transform) => {
    expect(from({}, { ...preprocessor, ...numbers })).toEqual({ ...transform, normalisation });
  });

  it('reads timm and OpenCLIP', () => {
    const timm = { interpolation: 'bilinear', crop_pct: 0.95, crop_mode: 'squash', input_size: [3, 224, 224] };
    expect(from({ pretrained_cfg: timm }, {})).toEqual({ filter: 'bilinear', fit: 'stretch', resize: 235, crop: 224 });
    const openClip = {
      model_cfg: { vision_cfg: { image_size: 384 } },
      preprocess_cfg: { mean: [0.1], std: [0.2], interpolation: 'bicubic', resize_mode: 'squash' },
    };
    const expected = { filter: 'bicubic', fit: 'stretch', resize: 384, crop: 384, normalisation };
    expect(from(openClip, {})).toEqual(expected);
  });

  it('says nothing of what it does not know', () => {
    const odd = { pretrained_cfg: 7, preprocess_cfg: null };
    expect(from(odd, { size: 'large', image_mean: [0.1], image_std: [0] })).toEqual({});
  });
});
