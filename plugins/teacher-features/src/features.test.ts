import { resolve } from 'node:path';
import { METADATA_KEY, uploadTaps } from '@hastejs/features';
import type { EncodeContext, TeacherEncoder } from '@hastejs/plugin-api';
import { type Tensor4D, float32ToBfloat16, rng, tf, writeSafetensors } from '@hastejs/tensor';
import { describeEachBackend } from '#support/backends.js';
import { useTemporaryFolder } from '#support/images.js';
import { expectNoLeaksAsync } from '#support/leaks.js';
import { featureFile } from './index.js';

const folder = useTemporaryFolder();
const teacher = { name: 'made up', blocks: 2, width: 6, heads: 2, headDim: 3, grid: { height: 2, width: 2 } };
const image = { channels: 1, height: 8, width: 8 };
const data = { name: 'photos', length: 5, classes: ['a'], image, fingerprint: 'f1', variants: ['plain'] };

async function create(): Promise<TeacherEncoder> {
  const { name, length, fingerprint, variants } = data;
  const metadata = { version: 1, teacher, data: { name, length, fingerprint, variants }, first: 0 };
  const values = rng(1).normal(5 * 24);
  await writeSafetensors(
    resolve(folder(), 'features.safetensors'),
    {
      'tokens.1': { dtype: 'F32', shape: [5, 4, 6], data: values },
      'queries.0': { dtype: 'BF16', shape: [5, 2, 4, 3], data: float32ToBfloat16(values) },
      'keys.0': { dtype: 'BF16', shape: [5, 2, 4, 3], data: float32ToBfloat16(values) },
    },
    { [METADATA_KEY]: JSON.stringify(metadata) },
  );
  const files = { resolve: (path: string) => resolve(folder(), path) };
  return featureFile.create({ path: 'features.safetensors' }, { files, data });
}

describeEachBackend('a feature file as a teacher', () => {
  it('offers what the file holds, and answers by item, as float32', async () => {
    await expectNoLeaksAsync(async () => {
      const own = await create();
      expect(own.spec).toEqual({ ...teacher, offers: { tokens: [1], attention: [0] } });
      expect(own.needs).toBe('items');
      const taps = { tokens: [1], attention: [0] };
      const items = { indices_B: Int32Array.of(3, 0), variants_B: Uint8Array.of(0, 0) };
      const kept = await own.fetch!(items, taps);
      tf.tidy(() => {
        const context = { step: 0, fetched: uploadTaps(kept) } as unknown as EncodeContext;
        const { tokens, attention } = own.encode(tf.zeros([2, 1, 8, 8]) as Tensor4D, taps, context);
        const values = rng(1).normal(5 * 24);
        const rows = [...values.slice(72, 96), ...values.slice(0, 24)];
        expect(tokens.get(1)!.shape).toEqual([2, 4, 6]);
        expect([...tokens.get(1)!.dataSync()]).toEqual(rows);
        const { q_BHTd, k_BHTd } = attention.get(0)!;
        expect([q_BHTd.dtype, q_BHTd.shape]).toEqual(['float32', [2, 2, 4, 3]]);
        k_BHTd.dataSync().forEach((value, i) => expect(Math.abs(value / rows[i]! - 1)).toBeLessThanOrEqual(2 ** -8));
      });
      own.dispose();
    });
  });
});
