// B batch, C channels, H height, W width.
import type { Student, StudentInput } from '@hastejs/plugin-api';
import { type Params, type Scalar, disposeParams, mapParams, omitParams, rng, tf } from '@hastejs/tensor';
import type { Bench } from '../../bench/bench.js';
import { normalInput } from '../../measure/tensors.js';
import { tensorsOf } from '../teacher/encoding.js';
import { someTaps } from '../teacher/taps.js';

/** A student that was created, with inputs for it. */
export interface StudentBench {
  readonly student: Student;
  fresh(): Params;
  /** Parameters away from where they begin: many models begin as the zero field. The caller disposes of them. */
  trained(): Params;
  /** Random states, times and classes, the null class among them. The caller disposes of them. */
  input(rows?: number, seed?: string): StudentInput;
}

export async function openStudent(bench: Bench<'student'>): Promise<StudentBench> {
  const student = await bench.create();
  const fresh = (): Params => student.init(rng(5).stream('student'));
  const { channels, height, width } = student.spec.input;
  return {
    ...{ student, fresh },
    trained: () => {
      const begun = fresh();
      const moved = mapParams(begun, (x, name) =>
        student.frozen.includes(name) ? tf.clone(x) : tf.tidy(() => tf.add(x, normalInput(name, x.shape, 0.1))),
      );
      disposeParams(begun);
      return moved;
    },
    input: (rows = 2, seed = 'student') => ({
      x_BCHW: tf.tidy(() =>
        tf.stack(Array.from({ length: rows }, (_, b) => normalInput(`${seed} ${b}`, [channels, height, width]))),
      ) as never,
      t_B: tf.tensor1d(Array.from({ length: rows }, (_, b) => (b + 0.7) / (rows + 0.5))),
      y_B: tf.tensor1d(
        Array.from({ length: rows }, (_, b) => (b === rows - 1 ? student.spec.classes : b % student.spec.classes)),
        'int32',
      ),
    }),
  };
}

export const trainableOf = ({ frozen }: Student, params: Params): Params => omitParams(params, frozen);

/** A loss that every output takes part in, each with weights of its own. */
export function outputLoss(student: Student, params: Params, input: StudentInput): Scalar {
  const { velocity_BCHW, taps } = student.forward(params, input, someTaps(student.spec, false));
  const parts = [velocity_BCHW, ...tensorsOf(taps)].map((x, i) =>
    tf.mean(tf.mul(tf.add(tf.square(x), x), normalInput(`weights ${i}`, x.shape))),
  );
  return tf.addN(parts) as Scalar;
}

export const disposeInput = (input: StudentInput): void => tf.dispose(Object.values(input));

/** Runs `f` in a tidy, with parameters away from where they begin. */
export async function withStudent(
  bench: Bench<'student'>,
  f: (opened: StudentBench, params: Params) => void,
): Promise<void> {
  const opened = await openStudent(bench);
  tf.tidy(() => f(opened, opened.trained()));
}
