// B batch, C channels, H×W pixels.
import { contractFaults } from '@hastejs/core';
import { type PositionResampling, moveToGrid, patchTaps, vitForward, vitParameters } from '@hastejs/models';
import type { Backend, Taps, TeacherEncoder } from '@hastejs/plugin-api';
import { type Tensor, type Tensor3D, disposeParams, negativeCosine, paramsFromHost, rng, tf } from '@hastejs/tensor';
import { z } from 'zod';
import { activateBackend, describeEachBackend, forEachBackend } from '#support/backends.js';
import { useTemporaryFolder } from '#support/images.js';
import { expectNoLeaksAsync } from '#support/leaks.js';
import { randomTensors } from '#support/publish-vit.js';
import { PUBLISHED_FORMS, type PublishedForm, teacherServices, writeForm, zerosOfForm } from '#support/vit-files.js';
import { tensorsOf } from '../chunks.js';
import { openEncoder } from '../encoder.js';
import { NORMALISATIONS } from '../preprocessing/normalisation.js';
import { normalise } from '../preprocessing/preprocess.js';
import { createVitTeacher } from './create.js';
import { encoderFingerprint } from './fingerprint.js';
import { familyOption, vitTeacherOptions } from './options.js';

const folder = useTemporaryFolder();
const FAMILIES = ['dinov2', 'dinov2-hf', 'mae-hf', 'timm'] as const;
const schema = z.strictObject({ ...vitTeacherOptions('family'), family: familyOption(FAMILIES) });
const DINOV2 = PUBLISHED_FORMS.find(({ name }) => name === 'DINOv2 with registers: Hugging Face')!;
const PLAIN = PUBLISHED_FORMS.find(({ name }) => name === 'DINOv2: the released .pth')!;
const CLIP = PUBLISHED_FORMS.find(({ form }) => form.family === 'clip-hf')!;
const TIMM = PUBLISHED_FORMS.find(({ form }) => form.family === 'timm')!;
const TAPS: Taps = { tokens: [0, 'final'], attention: [1] };

async function create(
  published: PublishedForm,
  given: object = {},
  { backend, zeros = true, grid = { height: 2, width: 3 } }: Partial<Setting> = {},
): Promise<TeacherEncoder> {
  const weights = await writeForm(folder(), published, {}, ...(zeros ? [zerosOfForm(published)] : []));
  const services = { ...teacherServices(folder(), grid), ...(backend && { backend }) };
  return createVitTeacher(schema.parse({ weights, ...given }), services, { families: FAMILIES });
}
interface Setting {
  backend: Pick<Backend, 'name' | 'precisions' | 'compute'>;
  zeros: boolean;
  grid: { height: number; width: number };
}

const images = (B: number, height: number, width: number) =>
  tf.tensor4d(rng(2).integers(B * 3 * height * width, 256), [B, 3, height, width], 'float32');
const largestDifference = (a: Tensor, b: Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

describeEachBackend('a vision transformer as a teacher', () => {
  it("encodes at the student's grid, patch tokens alone, in chunks as at once, and frees all", async () => {
    await expectNoLeaksAsync(async () => {
      const teacher = await create(DINOV2, { chunk: 2 }, { zeros: false });
      expect(contractFaults('teacher', teacher)).toEqual([]);
      const grid = { height: 2, width: 3 };
      expect(teacher.spec).toMatchObject({ blocks: 2, width: 128, heads: 2, headDim: 64, grid });
      const params = paramsFromHost(randomTensors(vitParameters(DINOV2.spec)));
      const moved = moveToGrid(DINOV2.spec, params, grid, { kind: 'dinov2', offset: 0, antialias: true });
      tf.tidy(() => {
        // Already of the encoder's size, 4×6: preparing them is normalising them.
        const pixels_BCHW = images(3, 4, 6);
        const own = teacher.encode(pixels_BCHW, TAPS);
        const prepared = normalise(pixels_BCHW, NORMALISATIONS.imagenet);
        const expected = patchTaps(moved.spec, vitForward(moved.spec, moved.params, prepared, TAPS));
        expect([...own.tokens.keys(), ...own.attention.keys()]).toEqual([0, 'final', 1]);
        expect(own.attention.get(1)!.q_BHTd.shape).toEqual([3, 2, 6, 64]);
        tensorsOf(expected).forEach((tensor, i) =>
          expect(largestDifference(tensorsOf(own)[i]!, tensor)).toBeLessThan(2e-4),
        );
      });
      teacher.dispose();
      moved.params['pos_embed']!.dispose();
      disposeParams(params);
    });
  });
});

forEachBackend('a teacher in bf16', (name) => {
  it('encodes near to float32 where the backend can, for losses in float32; elsewhere it is refused', async () => {
    const backend = await activateBackend(name);
    if (!backend.precisions?.includes('bf16')) {
      await expect(create(DINOV2, { precision: 'bf16' }, { backend })).rejects.toThrow(/BACKEND_UNAVAILABLE/);
      return;
    }
    const encode = async (precision: string): Promise<Tensor[]> => {
      // Large enough: small products stay in float32.
      const teacher = await create(DINOV2, { precision }, { backend, zeros: false, grid: { height: 8, width: 8 } });
      const values = tf.tidy(() => tensorsOf(teacher.encode(images(4, 16, 16), TAPS)));
      teacher.dispose();
      return values;
    };
    const [exact, rounded] = [await encode('float32'), await encode('bf16')];
    exact.forEach((tensor, i) => {
      const [near, own] = [rounded[i]!, tensor].map((x) => tf.reshape(x, [1, -1, x.shape.at(-1)!]) as Tensor3D);
      const loss = negativeCosine(near!, own!).dataSync()[0]!;
      expect(loss).toBeLessThan(-0.999);
      expect(largestDifference(tensor, rounded[i]!)).toBeGreaterThan(0);
    });
    tf.dispose([exact, rounded]);
  });
});

describe('the options of a teacher', () => {
  beforeAll(() => activateBackend('wasm'));

  it("moves positions as the family's own code does, or as HASTE's training", async () => {
    const final = async (positions: 'family' | 'timm') => {
      const teacher = await create(PLAIN, { positions }, { zeros: false, grid: { height: 6, width: 6 } });
      const taps = { tokens: ['final' as const], attention: [] };
      const values = tf.tidy(() =>
        teacher
          .encode(images(1, 12, 12), taps)
          .tokens.get('final')!
          .arraySync(),
      );
      teacher.dispose();
      return values;
    };
    const difference = async (how: 'family' | 'timm', resampling: PositionResampling) => {
      const params = paramsFromHost(randomTensors(vitParameters(PLAIN.spec)));
      const moved = moveToGrid(PLAIN.spec, params, { height: 6, width: 6 }, resampling);
      const own = await final(how);
      return tf.tidy(() => {
        const x_BCHW = normalise(images(1, 12, 12), NORMALISATIONS.imagenet);
        const taps = { tokens: ['final' as const], attention: [] };
        const expected = patchTaps(moved.spec, vitForward(moved.spec, moved.params, x_BCHW, taps));
        return largestDifference(expected.tokens.get('final')!, tf.tensor(own));
      });
    };
    expect(await difference('family', { kind: 'dinov2', offset: 0.1, antialias: false })).toBeLessThan(2e-4);
    expect(await difference('timm', { kind: 'timm' })).toBeLessThan(2e-4);
    expect(await difference('timm', { kind: 'dinov2', offset: 0.1, antialias: false })).toBeGreaterThan(2e-3);
  });

  it("takes the family's own image size for its evaluation, the student's grid otherwise", async () => {
    const evaluation = await create(DINOV2, { preprocessing: 'evaluation' });
    expect(evaluation.spec.grid).toEqual({ height: 112, width: 112 });
    const sized = await create(DINOV2, { preprocessing: 'evaluation', imageSize: 8 });
    expect(sized.spec.grid).toEqual({ height: 4, width: 4 });
    const [taps, side] = [{ tokens: [0], attention: [] }, 20];
    const shape = tf.tidy(() => sized.encode(images(1, side, side), taps).tokens.get(0)!.shape);
    expect(shape).toEqual([1, 16, 128]);
    for (const teacher of [evaluation, sized]) teacher.dispose();
  });

  it("leaves the rest of an image that is no whole patch unseen, as the family's convolution does", async () => {
    const processor = { size: { height: 7, width: 7 }, resample: 2 };
    const weights = await writeForm(folder(), PLAIN, { 'preprocessor_config.json': processor });
    const given = schema.parse({ weights, preprocessing: 'evaluation' });
    const teacher = await createVitTeacher(given, teacherServices(folder()), { families: FAMILIES });
    expect(teacher.spec.grid).toEqual({ height: 3, width: 3 });
    const encoder = await (
      await openEncoder({ path: weights, label: '', published: null })
    ).load({ height: 3, width: 3 });
    tf.tidy(() => {
      const [pixels_BCHW, taps] = [images(1, 7, 7), { tokens: [0], attention: [] }];
      const seen = tf.slice(normalise(pixels_BCHW, NORMALISATIONS.imagenet), [0, 0, 0, 0], [1, 3, 6, 6]);
      const expected = patchTaps(encoder.spec, encoder.taps(seen, taps)).tokens.get(0)!;
      expect(largestDifference(teacher.encode(pixels_BCHW, taps).tokens.get(0)!, expected)).toBeLessThan(1e-5);
    });
    teacher.dispose();
    encoder.dispose();
  });

  it('computes in the precision asked for, on a backend that can', async () => {
    const asked: string[] = [];
    const compute = <T>(precision: string, f: () => T): T => (asked.push(precision), f());
    const backend: Setting['backend'] = { name: 'able', precisions: ['float32', 'bf16'], compute };
    for (const precision of ['run', 'bf16', 'float32']) {
      const teacher = await create(DINOV2, { precision }, { backend });
      tf.tidy(() => void teacher.encode(images(1, 4, 6), TAPS));
      teacher.dispose();
    }
    expect(asked).toEqual(['bf16', 'float32']);
    await expect(create(DINOV2, { precision: 'bf16' })).rejects.toThrow(/test computes in float32, not in bf16/);
  });

  it('refuses a family of another teacher, with its name, unless told to read it so', async () => {
    await expect(create(CLIP)).rejects.toThrow(/reads as clip-hf[^]*Use teacher\/clip/);
  });

  it('refuses to guess how images are normalised', async () => {
    await expect(create(TIMM)).rejects.toThrow(/\(timm\) takes 3-channel images, and nothing says[^]*normalisation/);
    (await create(TIMM, { normalisation: NORMALISATIONS.half })).dispose();
  });

  it('keeps nothing of an encoder that it refuses', async () => {
    const before = tf.memory().numTensors;
    await expect(create(DINOV2, { imageSize: 7 })).rejects.toThrow(/not a multiple/);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('tells weights and what lies beside them apart', async () => {
    const print = async (beside: object, tensors = zerosOfForm(DINOV2)) => {
      const weights = await writeForm(folder(), DINOV2, { ...beside }, tensors);
      return encoderFingerprint({ weights }, teacherServices(folder()));
    };
    const first = await print({});
    const other = { ...zerosOfForm(DINOV2) };
    const name = Object.keys(other)[0]!;
    other[name] = { ...other[name]!, data: (other[name]!.data as Float32Array).map(() => 1) };
    expect(await print({})).toBe(first);
    expect(await print({}, other)).not.toBe(first);
    expect(await print({ 'preprocessor_config.json': { resample: 2 } })).not.toBe(first);
  });
});
