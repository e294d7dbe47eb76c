// B batch, C channels, H height, W width.
import type { BatchItems, EncodeContext, StudentMoment, TapValues, Taps, TeacherEncoder } from '@hastejs/plugin-api';
import { uploadTaps } from '@hastejs/features';
import { type Tensor, type Tensor1D, type Tensor4D, tf } from '@hastejs/tensor';
import type { Bench } from '../../bench/bench.js';
import { fakeImages } from '../../fakes/fake-data.js';
import { normalInput } from '../../measure/tensors.js';

/** A teacher that was created, and images for it. */
export interface Encoding {
  readonly teacher: TeacherEncoder;
  /**
   * Encodes images of the data set, by index, as the trainer does: in a tidy, with what the teacher needs to know. The
   * caller disposes of the taps.
   */
  encode(indices: readonly number[], taps: Taps): Promise<TapValues>;
  /** {@link encode} without waiting, for a teacher that sees pixels or the student. */
  encodeNow(images_BCHW: Tensor4D, taps: Taps, context?: Partial<EncodeContext>): TapValues;
  images(indices: readonly number[]): Tensor4D;
}

export async function openEncoding(bench: Bench<'teacher'>): Promise<Encoding> {
  const teacher = await bench.create();
  const images = (indices: readonly number[]) => imagesOf(bench, indices);
  const encodeNow: Encoding['encodeNow'] = (images_BCHW, taps, more = {}) => {
    let values: TapValues | undefined;
    tf.tidy(() => {
      const student = momentOf(bench, images_BCHW);
      values = teacher.encode(images_BCHW, taps, { step: 3, student, ...more });
      return tensorsOf(values);
    });
    return values!;
  };
  return {
    ...{ teacher, images, encodeNow },
    encode: async (indices, taps) => {
      const items: BatchItems = { indices_B: Int32Array.from(indices), variants_B: new Uint8Array(indices.length) };
      const data = teacher.needs === 'items' ? await teacher.fetch!(items, taps) : null;
      const images_BCHW = images(indices);
      const fetched = data && uploadTaps(data);
      try {
        return encodeNow(images_BCHW, taps, fetched ? { fetched } : {});
      } finally {
        images_BCHW.dispose();
        if (fetched) tf.dispose(tensorsOf(fetched));
      }
    },
  };
}

export function tensorsOf({ tokens, attention }: TapValues): Tensor[] {
  return [...tokens.values(), ...[...attention.values()].flatMap(({ q_BHTd, k_BHTd }) => [q_BHTd, k_BHTd])];
}

function imagesOf({ data }: Bench, indices: readonly number[]): Tensor4D {
  const { channels, height, width } = data.image;
  const { images_BCHW } = fakeImages({ ...data, length: 1000 }, indices);
  return tf.tensor4d(Float32Array.from(images_BCHW), [indices.length, channels, height, width]);
}

/** A student whose taps follow from the images and the time: enough for a teacher that asks it. */
function momentOf({ student }: Bench, images_BCHW: Tensor4D): StudentMoment {
  const B = images_BCHW.shape[0];
  const { grid, width, heads, headDim } = student;
  const T = grid.height * grid.width;
  const at = (name: string, shape: number[], t_B: Tensor1D): Tensor => {
    const row = tf.reshape(tf.add(tf.mean(images_BCHW, [1, 2, 3]), t_B), [B, ...shape.map(() => 1)]);
    return tf.sin(tf.add(normalInput(name, [1, ...shape]), row));
  };
  return {
    t_B: tf.tensor1d(Array.from({ length: B }, (_, b) => (b + 0.5) / B)),
    tapsAt: (t_B, taps) => ({
      tokens: new Map(taps.tokens.map((site) => [site, at(`tokens ${site}`, [T, width], t_B) as never])),
      attention: new Map(
        taps.attention.map((block) => {
          const half = (name: string) => at(`${name} ${block}`, [heads, T, headDim], t_B) as Tensor4D;
          return [block, { q_BHTd: half('q'), k_BHTd: half('k') }];
        }),
      ),
    }),
  };
}
