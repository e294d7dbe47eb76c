import { Services, type TapValues, type TeacherEncoder, type Taps, defineTeacher } from '@hastejs/plugin-api';
import { type Tensor, type Tensor4D, tf } from '@hastejs/tensor';
import { fakeTeacher, teacherContract } from '@hastejs/testkit';
import { z } from 'zod';
import { type BrokenTable, expectCaught } from './expect-caught.js';

type Change = (good: TeacherEncoder) => Partial<TeacherEncoder>;

/** The fake teacher with something broken. */
const broken = (name: string, change: Change, more: { fingerprint?: () => string } = {}) =>
  teacherContract(
    defineTeacher({
      id: `broken/${name}`,
      summary: 'Broken on purpose.',
      options: z.strictObject({}),
      inject: { student: Services.student, data: Services.data },
      create: async (_options, services): Promise<TeacherEncoder> => {
        const good = await fakeTeacher.create({ blocks: 3, heads: 2 }, services);
        return { ...good, ...change(good) };
      },
      ...more,
    }),
  );

/** encode() with its tokens, or its taps, as another function has it. */
const tokens = (f: (x: Tensor, images_BCHW: Tensor4D) => Tensor): Change => {
  return (good) => ({
    encode: (images_BCHW, taps) => {
      const { tokens, attention } = good.encode(images_BCHW, taps);
      return { tokens: new Map([...tokens].map(([site, x]) => [site, f(x, images_BCHW) as never])), attention };
    },
  });
};
const taps = (f: (asked: Taps) => Taps): Change => {
  return (good) => ({ encode: (images_BCHW, asked): TapValues => good.encode(images_BCHW, f(asked)) });
};

let calls = 0;
const kept: Tensor[] = [];
afterEach(() => tf.dispose(kept.splice(0)));

const TABLE: BrokenTable<'teacher'> = {
  'declares a model that can be': [
    [broken('spec', ({ spec }) => ({ spec: { ...spec, heads: 1.5, blocks: 0 } })), 'The spec says blocks: 0, heads: 1.5.'], // prettier-ignore
    [broken('name', ({ spec }) => ({ spec: { ...spec, name: ' ' } })), 'The spec has no name.'],
    [
      broken('offers', ({ spec }) => ({ spec: { ...spec, offers: { tokens: [2, 3, 'final'], attention: [-1] } } })),
      'It offers taps of block 3, -1 and has 3 blocks.',
    ],
  ],
  'gives exactly the taps that it is asked for': [
    [
      broken(
        'too-many',
        taps((asked) => ({ ...asked, tokens: [0, 1, 2, 'final'] })),
      ),
      'Asked for tokens of 0, 2, final, it gave 0, 1, 2, final.',
    ],
    [broken('no-attention', taps((asked) => ({ ...asked, attention: [] }))), 'Asked for attention of 0, 2, it gave nothing.'], // prettier-ignore
  ],
  'gives the shapes that it declares, in finite numbers': [
    [
      broken(
        'class-token',
        tokens((x) =>
          tf.pad(x, [
            [0, 0],
            [1, 0],
            [0, 0],
          ]),
        ),
      ),
      'The tokens of block 0 are float32 [5, 7, 16]; the spec declares float32 [5, 6, 16], [B, T, D].',
    ],
    [
      broken(
        'infinite',
        tokens((x) => tf.div(x, 0)),
      ),
      'The tokens of block 0 hold NaN or infinite numbers.',
    ],
    [
      broken(
        'whole-numbers',
        tokens((x) => tf.cast(x, 'int32')),
      ),
      'The tokens of block 0 are int32 [5, 6, 16]; the spec declares float32 [5, 6, 16], [B, T, D].',
    ],
  ],
  'takes grey and coloured images, or refuses them when it is created': [
    [broken('one-batch', tokens((x, images_BCHW) => (images_BCHW.shape[1] === 1 ? tf.concat([x, x], 1) : x))), /^The tokens of block 0 are float32 \[2, 12, 16\]/], // prettier-ignore
  ],
  'gives the same answer to the same image': [
    [broken('counting', tokens((x) => tf.add(x, calls++))), /^The tokens of block 0 are others when it is asked twice \(by 0\.\d+ of the largest value\)\.$/], // prettier-ignore
    [
      broken('drawn-anew', (good) => {
        const own = calls++;
        return tokens((x) => tf.add(x, own))(good);
      }),
      /^The tokens of block 0 are others when it is created twice/,
    ],
  ],
  'answers image by image': [
    [broken('batch-norm', tokens((x) => tf.sub(x, tf.mean(x, 0)))), /^The tokens of block 0 are others in the company of others/], // prettier-ignore
    [broken('blind', tokens((x) => tf.onesLike(x))), 'The tokens of block 0, tokens of block 2, final tokens are the same for different images.'], // prettier-ignore
  ],
  'leaves alone what it is given': [
    [
      broken('greedy', (good) => ({
        encode: (images_BCHW, asked) => {
          const values = good.encode(images_BCHW, asked);
          images_BCHW.dispose();
          return values;
        },
      })),
      'It disposes of the images.',
    ],
    [
      broken(
        'in-place',
        tokens((x, images_BCHW) => {
          (images_BCHW.dataSync() as Float32Array)[0] = 99.5;
          return x;
        }),
      ),
      'It writes into the images.',
    ],
  ],
  'holds nothing that a gradient can train': [
    [
      broken('variables', (good) => {
        const weight = tf.variable(tf.ones([16]), true, `backbone/weight-${calls++}`);
        return { ...tokens((x) => tf.mul(x, weight))(good), dispose: () => tf.dispose([weight]) };
      }),
      /^It holds 1 trainable variable \(backbone\/weight-\d+\): an optimizer that is given no list of variables trains the teacher\.$/,
    ],
  ],
  'leaves no tensors behind': [
    [
      broken(
        'keeping',
        tokens((x) => tf.keep(tf.clone(x)) && x),
      ),
      '3 tensors are left behind.',
    ],
    [broken('no-dispose', () => ({ dispose: () => undefined })), '1 tensor is left behind.'],
  ],
  'leaves no tensors behind when it throws': [
    [
      broken('careless', (good) => ({
        encode: (images_BCHW, asked) => {
          const held = tf.keep(tf.mean(images_BCHW));
          const values = good.encode(images_BCHW, asked);
          held.dispose();
          return values;
        },
      })),
      '1 tensor is left behind.',
    ],
  ],
  'can be disposed of twice': [
    [
      broken('once', (good) => {
        let gone = false;
        return {
          dispose: () => {
            if (gone) throw new Error('there is nothing left');
            gone = true;
            good.dispose();
          },
        };
      }),
      'The second dispose() threw: there is nothing left',
    ],
  ],
  'is as repeatable as it says': [
    [broken('looking', tokens((x) => (x.dataSync(), x))), 'It says that it is repeatable, and reads values to the host: what follows may depend on them.'], // prettier-ignore
    [
      broken(
        'drifting',
        tokens((x) => tf.add(x, calls++ / 8)),
      ),
      /^It says that it is repeatable, and asks the backend for other work in the next step: first "put float32 \[\] [\d.]+", then "put float32 \[\] [\d.]+"\.$/,
    ],
    [
      broken(
        'alternating',
        tokens((x) => (calls++ % 5 === 0 ? tf.neg(tf.neg(x)) : x)),
      ),
      /^It says that it is repeatable, and asks the backend for other work in the next step: first ".*Neg.*|, then ".*Neg/,
    ],
  ],
  'tells its weights apart, always alike': [
    [broken('fingerprint', () => ({}), { fingerprint: () => `print ${calls++}` }), /^fingerprint\(\) says "print \d+", then "print \d+"\.$/], // prettier-ignore
  ],
  'can fetch what it needs': [[broken('items', () => ({ needs: 'items' })), "It needs 'items' and has no fetch()."]],
};

describe('a broken teacher is caught', () => expectCaught(TABLE));
