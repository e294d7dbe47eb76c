// A data set and a teacher small enough for hundreds of runs in a test, as a plugin like any other.
import {
  type DataSpec,
  type Plugin,
  Services,
  type TapValues,
  type Taps,
  type TeacherSpec,
  type TokenSite,
  defineDataset,
  definePlugin,
  defineStudent,
  defineTeacher,
} from '@hastejs/plugin-api';
import { makeSit } from '@hastejs/models';
import { type Tensor3D, type Tensor4D, rng, tf } from '@hastejs/tensor';
import { z } from 'zod';

/** What the toy teacher did, over all runs of a process. */
export const teacherLog = { encoded: 0, disposed: 0, alive: 0 };

/** The taps that each forward pass of the toy student was asked for. */
export const tapLog: Taps[] = [];

const SIDE = 8;

/** 24 images of 8×8 in 3 classes: a bright column whose place is the class, and noise. */
export const toyData = defineDataset({
  id: 'data/toy',
  summary: 'Bright columns by class, made up.',
  options: z.strictObject({}),
  create: () => {
    const spec: DataSpec = {
      name: 'toy',
      length: 24,
      classes: ['left', 'middle', 'right'],
      image: { channels: 1, height: SIDE, width: SIDE },
      fingerprint: 'toy-1',
      variants: ['plain'],
    };
    return {
      spec,
      dispose: () => undefined,
      read: async (indices) => {
        const images = [...indices].flatMap((index) => [...toyImage(index)]);
        return { images_BCHW: Uint8Array.from(images), labels_B: indices.map((index) => index % 3) };
      },
    };
  },
});

function toyImage(index: number): Uint8Array {
  const pixels = Uint8Array.from(rng(index).uniform(SIDE * SIDE), (u) => 64 * u);
  for (let row = 0; row < SIDE; row++) pixels[row * SIDE + 1 + 2 * (index % 3)] = 255;
  return pixels;
}

/** A frozen random projection of the patches: deterministic, and it counts its calls. */
export const toyTeacher = defineTeacher({
  id: 'teacher/toy',
  summary: 'Random projections of patches, with as many blocks and heads as asked for.',
  options: z.strictObject({
    blocks: z.number().int().positive().default(3),
    heads: z.number().int().positive().default(2),
    grid: z.number().int().positive().optional(),
    explodeAt: z.number().int().positive().optional().describe('Give NaN at this encode call'),
  }),
  inject: { student: Services.student },
  fingerprint: () => 'toy-weights',
  create: ({ blocks, heads, grid: side, explodeAt }, { student }) => {
    const width = 8 * heads;
    const grid = side ? { height: side, width: side } : student.grid;
    const spec: TeacherSpec = { name: 'toy-teacher', blocks, width, heads, headDim: 8, grid };
    const patch = SIDE / grid.height;
    const weight = tf.tensor2d(rng(7).normal(patch * patch * width), [patch * patch, width]);
    teacherLog.alive++;
    let calls = 0;
    const tokensAt = (images_BCHW: Tensor4D, site: TokenSite): Tensor3D => {
      const B = images_BCHW.shape[0];
      const { height, width: columns } = grid;
      const cells = tf.reshape(tf.div(images_BCHW, 255), [B * height, patch, columns, patch]);
      const patches = tf.reshape(tf.transpose(cells, [0, 2, 1, 3]), [B, height * columns, patch * patch]);
      const flat = tf.matMul(tf.reshape(patches, [-1, patch * patch]), weight);
      const phase = site === 'final' ? 0 : site + 1;
      const boom = calls === explodeAt ? NaN : 0;
      return tf.reshape(tf.add(tf.sin(tf.add(flat, phase)), boom), [B, height * columns, width]);
    };
    const split = (x_BTD: Tensor3D): Tensor4D => {
      const [B, T] = x_BTD.shape;
      return tf.transpose(tf.reshape(x_BTD, [B, T, heads, 8]), [0, 2, 1, 3]);
    };
    return {
      spec,
      encode: (images_BCHW, taps): TapValues => {
        if (weight.isDisposed) throw new Error('the toy teacher was called after its disposal');
        teacherLog.encoded++;
        calls++;
        return {
          tokens: new Map(taps.tokens.map((site) => [site, tokensAt(images_BCHW, site)])),
          attention: new Map(
            taps.attention.map((site) => {
              const x_BTD = tokensAt(images_BCHW, site);
              return [site, { q_BHTd: split(x_BTD), k_BHTd: split(tf.mul(x_BTD, 2)) }];
            }),
          ),
        };
      },
      dispose: () => {
        if (weight.isDisposed) return;
        weight.dispose();
        teacherLog.disposed++;
        teacherLog.alive--;
      },
    };
  },
});

/** A small SiT that remembers what it was asked for. */
export const toyStudent = defineStudent({
  id: 'student/toy',
  summary: 'SiT with 3 blocks of width 16 that logs its taps.',
  options: z.strictObject({}),
  inject: { data: Services.data },
  create: (_, { data }) => {
    const shape = { hiddenSize: 16, depth: 3, numHeads: 2, patchSize: 4, mlpRatio: 4, qkNorm: false } as const;
    const student = makeSit({ ...shape, input: data.image, classes: data.classes.length });
    return {
      ...student,
      // The log wants every call.
      repeatable: false,
      forward: (params, input, taps) => {
        tapLog.push(taps);
        return student.forward(params, input, taps);
      },
    };
  },
});

export const toyPlugin: Plugin = definePlugin({
  name: 'haste-toy',
  version: '1.0.0',
  api: '^1.0.0',
  extensions: [toyData, toyTeacher, toyStudent],
});
