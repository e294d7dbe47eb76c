// What a student promises of its answers (plugin-api, Student). B batch, C channels, H height, W width.
import { NO_TAPS, type StudentInput, type Taps } from '@hastejs/plugin-api';
import { type Tensor4D, disposeParams, tf } from '@hastejs/tensor';
import type { Bench } from '../../bench/bench.js';
import { must } from '../../contract/contract-fault.js';
import { formatShape, isFiniteTensor, relativeDistance, sameShape } from '../../measure/tensors.js';
import { mustBeginAlike } from '../owned-parameters.js';
import { mustBeAsked, mustFitSpec, namedTensors, someTaps } from '../teacher/taps.js';
import { openStudent, withStudent } from './student-bench.js';

type Subject = Bench<'student'>;
const WHERE = 'forward()';
const ROUNDING = 1e-4;

export const studentAnswers = {
  'declares a model that fits the data': async (bench: Subject) => {
    const { spec } = await bench.create();
    const { image, classes, name } = bench.data;
    const counts = [spec.blocks, spec.width, spec.heads, spec.headDim, spec.grid.height, spec.grid.width, spec.classes];
    must(
      counts.every((count) => Number.isInteger(count) && count > 0),
      {
        what: `Its spec has a number that is no count: ${JSON.stringify(spec)}.`,
        where: 'spec',
        fix: 'Blocks, widths, heads, grid and classes are whole numbers above 0.',
      },
    );
    const own = [spec.input.channels, spec.input.height, spec.input.width].join('×');
    const given = [image.channels, image.height, image.width].join('×');
    must(own === given, {
      what: `It takes ${own}, and ${name} gives ${given} (channels × height × width).`,
      where: 'spec.input',
      fix: 'Inject Services.data and take its image shape, or give the case the data that its options are for.',
    });
    must(spec.classes >= classes.length, {
      what: `It knows ${spec.classes} classes, and ${name} has ${classes.length}.`,
      where: 'spec.classes',
      fix: 'Inject Services.data and take its number of classes.',
    });
  },
  'starts with parameters of its own, float32 and always the same': async (bench: Subject) => {
    const { student, fresh } = await openStudent(bench);
    mustBeginAlike(fresh);
    const params = fresh();
    const names = Object.keys(params);
    disposeParams(params);
    const unknown = student.frozen.filter((name) => !names.includes(name));
    must(unknown.length === 0, {
      what: `It freezes ${unknown.join(', ')}, which is no parameter of it.`,
      where: 'frozen',
      fix: 'Name parameters that init() gives.',
    });
    must(student.frozen.length < names.length, {
      what: 'All of its parameters are frozen: there is nothing to train.',
      where: 'frozen',
      fix: 'Freeze tables only.',
    });
  },
  'gives a finite velocity in the shape of its input': async (bench: Subject) => {
    await withStudent(bench, ({ student, input }, params) => {
      for (const rows of [3, 1]) {
        const given = input(rows);
        const { velocity_BCHW } = student.forward(params, given, NO_TAPS);
        const { shape } = given.x_BCHW;
        must(sameShape(velocity_BCHW.shape, shape) && velocity_BCHW.dtype === 'float32', {
          what: `For x ${formatShape(shape)} the velocity is ${velocity_BCHW.dtype} ${formatShape(velocity_BCHW.shape)}.`,
          where: WHERE,
          fix: 'Give float32 [B, C, H, W] in the order of the input: unpatchify is the inverse of patchify.',
        });
        must(isFiniteTensor(velocity_BCHW), {
          what: 'The velocity holds NaN or infinite numbers.',
          where: WHERE,
          fix: 'Check divisions, roots and softmax.',
        });
      }
    });
  },
  'gives exactly the taps that it is asked for, as it declares them': async (bench: Subject) => {
    await withStudent(bench, ({ student, input }, params) => {
      const all = someTaps(student.spec, false);
      const single: Taps[] = [
        ...all.tokens.map((site) => ({ tokens: [site], attention: [] })),
        ...all.attention.map((block) => ({ tokens: [], attention: [block] })),
      ];
      for (const taps of [all, NO_TAPS, ...single]) {
        const values = student.forward(params, input(3), taps).taps;
        mustBeAsked(values, taps, WHERE);
        mustFitSpec(values, student.spec, 3, WHERE);
      }
    });
  },
  'gives the same velocity with taps and without': async (bench: Subject) => {
    await withStudent(bench, ({ student, input }, params) => {
      const given = input();
      const plain = student.forward(params, given, NO_TAPS).velocity_BCHW;
      const tapped = student.forward(params, given, someTaps(student.spec, false)).velocity_BCHW;
      const again = student.forward(params, given, NO_TAPS).velocity_BCHW;
      must(relativeDistance(again, plain) === 0, {
        what: 'Called twice with the same input, it gives two velocities.',
        where: WHERE,
        fix: 'It is a pure function: draw nothing (no dropout), keep no state.',
      });
      must(relativeDistance(tapped, plain) <= ROUNDING, {
        what: `With taps the velocity is another, by ${relativeDistance(tapped, plain).toPrecision(3)} of its largest value.`,
        where: WHERE,
        fix: 'Taps look; they change nothing.',
      });
    });
  },
  'answers image by image, by time and by class': async (bench: Subject) => {
    await withStudent(bench, ({ student, input }, params) => {
      const given = input(2);
      const first = (change: Partial<StudentInput>) => {
        const { velocity_BCHW } = student.forward(params, { ...given, ...change }, NO_TAPS);
        return tf.slice(velocity_BCHW, [0, 0, 0, 0], [1, -1, -1, -1]);
      };
      const before = first({});
      const other_BCHW = tf.concat([tf.slice(given.x_BCHW, 0, 1), tf.neg(tf.slice(given.x_BCHW, 1, 1))]) as Tensor4D;
      const company = relativeDistance(first({ x_BCHW: other_BCHW }), before);
      must(company <= ROUNDING, {
        what: `The velocity of an image changes with the image beside it, by ${company.toPrecision(3)} of its largest value.`,
        where: WHERE,
        fix: 'Take no statistics over the batch.',
      });
      const blind = [
        ...(relativeDistance(first({ x_BCHW: tf.neg(given.x_BCHW) }), before) < 1e-6 ? ['the image'] : []),
        ...(relativeDistance(first({ t_B: tf.tensor1d([0.05, 0.9]) }), before) < 1e-6 ? ['the time'] : []),
        ...(relativeDistance(first({ y_B: tf.tensor1d([student.spec.classes, 0], 'int32') }), before) < 1e-6
          ? ['the class']
          : []),
      ];
      must(blind.length === 0, {
        what: `The velocity does not depend on ${blind.join(' and ')}.`,
        where: WHERE,
        fix: 'A denoiser needs all three; the null class is `classes`, another than every class.',
      });
    });
  },
  'encodes to the taps of a whole pass': async (bench: Subject) => {
    await withStudent(bench, ({ student, input }, params) => {
      if (!student.encode) return;
      const [given, taps] = [input(), someTaps(student.spec, false)];
      const [short, whole] = [student.encode(params, given, taps), student.forward(params, given, taps).taps];
      mustBeAsked(short, taps, 'encode()');
      const known = new Map(namedTensors(whole));
      for (const [name, x] of namedTensors(short)) {
        const distance = relativeDistance(x, known.get(name)!);
        must(distance <= ROUNDING, {
          what: `encode() and forward() differ in the ${name}, by ${distance.toPrecision(3)} of the largest value.`,
          where: 'encode()',
          fix: 'Run the same blocks, and stop after the last tap.',
        });
      }
    });
  },
};
