// B batch, C channels, H height, W width, T tokens, D width.
import {
  type Notices,
  Services,
  type StudentSpec,
  type TapValues,
  type Taps,
  type TeacherEncoder,
  type TeacherSpec,
  defineTeacher,
  fromClass,
  inject,
} from '@hastejs/plugin-api';
import { type Tensor3D, type Tensor4D, tf } from '@hastejs/tensor';
import { z } from 'zod';

const options = z.strictObject({
  gain: z.number().positive().default(1).describe('Factor on every token'),
});

/** Each token is its patch, without its mean: the student must find where brightness changes. */
class Edges implements TeacherEncoder {
  readonly repeatable = true;
  readonly #spec: TeacherSpec;
  readonly #gain: number;

  constructor(
    { gain }: z.output<typeof options>,
    @inject(Services.student) student: StudentSpec,
    @inject(Services.notices) notices: Notices,
  ) {
    const { grid, input } = student;
    const width = (input.height / grid.height) * (input.width / grid.width) * input.channels;
    this.#spec = { name: 'edges', blocks: 1, width, heads: 1, headDim: width, grid };
    this.#gain = gain;
    notices.info(`edges of ${width} pixels`);
  }

  // A private field behind a getter: whoever reads it must read it of this very object.
  get spec(): TeacherSpec {
    return this.#spec;
  }

  encode(images_BCHW: Tensor4D, { tokens }: Taps): TapValues {
    const { height, width } = this.#spec.grid;
    const [B, C, H, W] = images_BCHW.shape;
    const cells = tf.reshape(images_BCHW, [B, C, height, H / height, width, W / width]);
    const flat_BTD = tf.reshape(tf.transpose(cells, [0, 2, 4, 1, 3, 5]), [B, height * width, -1]) as Tensor3D;
    const edges_BTD = tf.mul(tf.sub(flat_BTD, tf.mean(flat_BTD, 2, true)), this.#gain / 255) as Tensor3D;
    return { tokens: new Map(tokens.map((site) => [site, edges_BTD])), attention: new Map() };
  }

  dispose(): void {}
}

export const edges = defineTeacher({
  id: 'teacher/edges',
  summary: 'Patches without their mean brightness.',
  options,
  ...fromClass(Edges),
});
