// B batch, C channels, N tokens with class and registers, D width.
import { moveToGrid, vitForward, vitParameters, vitPool } from '@hastejs/models';
import type { Taps } from '@hastejs/plugin-api';
import { type Tensor, type Tensor4D, disposeParams, paramsFromHost, rng, tf } from '@hastejs/tensor';
import { activateBackend, describeEachBackend } from '#support/backends.js';
import { useTemporaryFolder } from '#support/images.js';
import { expectNoLeaksAsync } from '#support/leaks.js';
import { type HostTensors, randomTensors } from '#support/publish-vit.js';
import { PUBLISHED_FORMS, type PublishedForm, writeForm, zerosOfForm } from '#support/vit-files.js';
import { tensorsOf } from './chunks.js';
import { openEncoder } from './encoder.js';

const folder = useTemporaryFolder();
const named = (name: string): PublishedForm => PUBLISHED_FORMS.find((form) => form.name === name)!;
const open = async (published: PublishedForm, beside = {}, tensors?: HostTensors) => {
  const path = await writeForm(folder(), published, beside, tensors);
  return openEncoder({ path, label: 'test', published: null }, published.form.hint);
};
const largestDifference = (a: Tensor, b: Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

describeEachBackend('an encoder', () => {
  it('gives the taps and the pooled output of the model that was published, at every grid, and frees all', async () => {
    const published = named('DINOv2 with registers: Hugging Face');
    const { spec } = published;
    await expectNoLeaksAsync(async () => {
      const opened = await open(published);
      const grid = { height: 3, width: 5 };
      const encoder = await opened.load(grid);
      await opened.close();
      const params = paramsFromHost(randomTensors(vitParameters(spec)));
      const moved = moveToGrid(spec, params, grid, { kind: 'dinov2', offset: 0, antialias: true });
      tf.tidy(() => {
        const x_BCHW = tf.tensor4d(rng(3).normal(3 * 3 * 60), [3, 3, 6, 10]);
        const taps: Taps = { tokens: [0, 'final'], attention: [1] };
        const expected = vitForward(moved.spec, moved.params, x_BCHW, taps);
        for (const chunk of [undefined, 2]) {
          const own = tensorsOf(encoder.taps(x_BCHW, taps, chunk));
          tensorsOf(expected).forEach((tensor, i) => expect(largestDifference(own[i]!, tensor)).toBeLessThan(2e-4));
        }
        const pooled = vitPool(moved.spec, moved.params, expected.tokens.get('final')!);
        expect(largestDifference(encoder.pooled(x_BCHW), pooled)).toBeLessThan(2e-4);
      });
      expect(encoder.spec).toMatchObject({ grid, layerScale: null });
      encoder.dispose();
      encoder.dispose();
      expect(() => tf.tidy(() => encoder.pooled(tf.zeros([1, 3, 6, 10]) as Tensor4D))).toThrow(/after its disposal/);
      moved.params['pos_embed']!.dispose();
      disposeParams(params);
    });
  });
});

describe('opening', () => {
  beforeAll(() => activateBackend('cpu'));

  it.each(PUBLISHED_FORMS.map((form) => [form.name, form] as const))('recognises %s on the disk', async (_, form) => {
    const opened = await open(form, {}, zerosOfForm(form));
    expect(opened.family).toBe(form.form.family);
    expect(opened.spec).toEqual(form.spec);
    await opened.close();
  });

  it('takes what a publisher says of images over what the family does', async () => {
    const [dinov2, timm] = [named('DINOv2: Hugging Face'), named("timm's CLIP: timm")];
    const plain = await open(dinov2);
    expect(plain.transform).toMatchObject({ filter: 'bicubic', resize: 256, crop: 224, fit: 'shortest' });
    const processor = { resample: 2, size: { height: 384, width: 384 }, image_mean: [0, 0, 0], image_std: [1, 1, 1] };
    const told = await open(dinov2, { 'preprocessor_config.json': processor });
    const normalisation = { mean: [0, 0, 0], std: [1, 1, 1] };
    expect(told.transform).toEqual({ filter: 'bilinear', fit: 'stretch', resize: 384, crop: 384, normalisation });
    expect((await open(timm)).transform.normalisation).toBeNull();
    const config = { pretrained_cfg: { mean: [0, 0, 0], std: [1, 1, 1], crop_pct: 0.9, input_size: [3, 224, 224] } };
    const told2 = await open(timm, { 'config.json': config });
    expect(told2.transform).toMatchObject({ normalisation, resize: 248, crop: 224 });
  });

  it('refuses a side file that is damaged, by name', async () => {
    const published = named('DINOv2: Hugging Face');
    await expect(open(published, { 'config.json': [1] })).rejects.toThrow(/holds no JSON object[^]*config\.json/);
  });
});
