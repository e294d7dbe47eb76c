// B batch, C channels, H×W pixels, T patch tokens, D width, d head size, p×r pixels of a patch.
import {
  Services,
  type TapValues,
  type Taps,
  type TeacherEncoder,
  type TeacherSpec,
  type TokenGrid,
  type TokenSite,
  defineTeacher,
} from '@hastejs/plugin-api';
import { type Tensor, type Tensor3D, type Tensor4D, rng, tf } from '@hastejs/tensor';
import { z } from 'zod';

const HEAD = 8;
const options = z.strictObject({
  blocks: z.int().positive().default(3).describe('Number of blocks.'),
  heads: z.int().positive().default(2).describe('Number of attention heads; each is 8 wide.'),
});

/**
 * A frozen encoder made of random projections: patches through one matrix, and a sine with another phase for each block.
 * Its grid is the student's. It keeps every promise of a teacher and knows nothing.
 */
export const fakeTeacher = defineTeacher({
  id: 'testkit/teacher',
  summary: 'Random projections of patches.',
  options,
  inject: { student: Services.student, data: Services.data },
  fingerprint: () => 'random-projections-1',
  create: ({ blocks, heads }, { student, data }): TeacherEncoder => {
    const { channels, height, width } = data.image;
    const patch = channels * (height / student.grid.height) * (width / student.grid.width);
    const weight = tf.keep(tf.tensor2d(rng(7).normal(patch * HEAD * heads), [patch, HEAD * heads]));
    return {
      spec: fakeTeacherSpec({ blocks, heads, width: HEAD * heads, grid: student.grid }),
      repeatable: true,
      encode: (images_BCHW, taps) => encode(weight, student.grid, heads, images_BCHW, taps),
      dispose: () => weight.dispose(),
    };
  },
});

/** What {@link fakeTeacher} promises on the fake student's grid; any part may be another. */
export function fakeTeacherSpec(change: Partial<TeacherSpec> = {}): TeacherSpec {
  const grid = { height: 2, width: 3 };
  return { name: 'random projections', blocks: 3, width: 2 * HEAD, heads: 2, headDim: HEAD, grid, ...change };
}

function encode(weight: Tensor, grid: TokenGrid, heads: number, images_BCHW: Tensor4D, taps: Taps): TapValues {
  const projected_BTD = tf.reshape(tf.matMul(patches(images_BCHW, grid), weight as never), [
    images_BCHW.shape[0],
    grid.height * grid.width,
    heads * HEAD,
  ]);
  const at = (site: TokenSite): Tensor3D => tf.sin(tf.add(projected_BTD, site === 'final' ? 0 : site + 1)) as Tensor3D;
  const split = (x_BTD: Tensor3D): Tensor4D =>
    tf.transpose(tf.reshape(x_BTD, [x_BTD.shape[0], x_BTD.shape[1], heads, HEAD]), [0, 2, 1, 3]);
  return {
    tokens: new Map(taps.tokens.map((site) => [site, at(site)])),
    attention: new Map(taps.attention.map((block) => [block, { q_BHTd: split(at(block)), k_BHTd: split(at(block)) }])),
  };
}

/** [B, C, H, W] → [B·T, C·p·r], pixels in [0, 1]. */
function patches(images_BCHW: Tensor4D, grid: TokenGrid): Tensor {
  const [B, C, H, W] = images_BCHW.shape;
  const [p, r] = [H / grid.height, W / grid.width];
  const cut = tf.reshape(tf.div(images_BCHW, 255), [B * C, grid.height, p, grid.width * r]);
  const rows = tf.transpose(tf.reshape(cut, [B, C, grid.height, p, grid.width, r] as never), [0, 2, 4, 1, 3, 5]);
  return tf.reshape(rows, [B * grid.height * grid.width, C * p * r]);
}
