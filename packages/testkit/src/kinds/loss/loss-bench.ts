// B batch, T tokens, D width, H heads, d head size.
import type { AlignmentLoss, AlignmentSpecs, QueryKey } from '@hastejs/plugin-api';
import { type Params, type Scalar, type Tensor, rng, tf } from '@hastejs/tensor';
import type { Bench } from '../../bench/bench.js';
import { fakeTeacherSpec } from '../../fakes/fake-teacher.js';
import { normalInput } from '../../measure/tensors.js';

/** Images of a batch, and tokens of each. */
export const B = 4;
export const T = 6;

/** A loss that was created, with inputs of the kind that it reads. */
export interface LossBench {
  readonly loss: AlignmentLoss;
  readonly specs: AlignmentSpecs;
  /** Its own parameters, fresh; empty when it owns none. The caller disposes of them. */
  params(seed?: number): Params;
  /** Random inputs of `rows` images, by name: `student`, `teacher`, or `student.q` and so on. */
  inputs(rows?: number, seed?: string): Params;
  /** The loss of inputs and parameters. */
  of(inputs: Params, params: Params): Scalar;
}

export async function openLoss(bench: Bench<'alignmentLoss'>): Promise<LossBench> {
  const loss = await bench.create();
  // No two sizes are alike, so that a mix-up shows.
  const teacher = fakeTeacherSpec({ width: 24, heads: 2, headDim: 12, grid: bench.student.grid });
  const specs = { student: bench.student, teacher };
  return {
    ...{ loss, specs },
    params: (seed = 5) => loss.init?.(specs, rng(seed).stream('loss')) ?? {},
    inputs: (rows = B, seed = 'loss') => inputsOf(loss, specs, rows, seed),
    of: (inputs, params) => lossOf(loss, inputs, params),
  };
}

function inputsOf({ reads }: AlignmentLoss, { student, teacher }: AlignmentSpecs, rows: number, seed: string): Params {
  // Row by row, so that a batch of two is the first two rows of a batch of four.
  const stacked = (name: string, shape: readonly number[]): Tensor =>
    tf.tidy(() => tf.stack(Array.from({ length: rows }, (_, b) => normalInput(`${seed} ${name} ${b}`, shape))));
  if (reads === 'tokens') {
    return { student: stacked('student', [T, student.width]), teacher: stacked('teacher', [T, teacher.width]) };
  }
  const H = Math.min(student.heads, teacher.heads);
  const of = (side: string, { headDim }: { readonly headDim: number }): Params =>
    Object.fromEntries(['q', 'k'].map((part) => [`${side}.${part}`, stacked(`${side} ${part}`, [H, T, headDim])]));
  return { ...of('student', student), ...of('teacher', teacher) };
}

function lossOf(loss: AlignmentLoss, inputs: Params, params: Params): Scalar {
  if (loss.reads === 'tokens') return loss.loss(inputs['student'] as never, inputs['teacher'] as never, params);
  const side = (name: string): QueryKey => ({
    q_BHTd: inputs[`${name}.q`] as never,
    k_BHTd: inputs[`${name}.k`] as never,
  });
  return loss.loss(side('student'), side('teacher'), params);
}

/** The inputs that the student gives: a gradient flows to these, and to no teacher's. */
export const ofStudent = (inputs: Params): Params =>
  Object.fromEntries(Object.entries(inputs).filter(([name]) => name.startsWith('student')));
