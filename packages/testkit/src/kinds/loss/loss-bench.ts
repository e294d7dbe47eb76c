// B batch, T tokens, D width, H heads, d head size.
import type {
  AlignmentLoss,
  AlignmentSpecs,
  QueryKey,
  StudentSpec,
  TapValues,
  TeacherSpec,
  TokenAlignmentLoss,
} from '@hastejs/plugin-api';
import { type Params, type Scalar, type Tensor, type Tensor3D, rng, tf } from '@hastejs/tensor';
import type { Bench } from '../../bench/bench.js';
import { fakeTeacherSpec } from '../../fakes/fake-teacher.js';
import { normalInput } from '../../measure/tensors.js';

/** Images of a batch. */
export const B = 4;

/** A loss that was created, with inputs of the kind that it reads. */
export interface LossBench {
  readonly loss: AlignmentLoss;
  readonly specs: AlignmentSpecs;
  /** Its own parameters, fresh; empty when it owns none. The caller disposes of them. */
  params(): Params;
  /**
   * Random inputs of `rows` images, by name: `student` and `teacher` for tokens, `student.q` and so on for attention, and
   * `guide.…` for what else of the teacher it looks at.
   */
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
    params: () => loss.init?.(specs, rng(5).stream('loss')) ?? {},
    inputs: (rows = B, seed = 'loss') => inputsOf(loss, specs, rows, seed),
    of: (inputs, params) => lossOf(loss, inputs, params),
  };
}

/** Tensors row by row, so that a batch of two is the first two rows of a batch of four. */
type Draw = (name: string, shape: readonly number[]) => Params;

function inputsOf(loss: AlignmentLoss, { student, teacher }: AlignmentSpecs, rows: number, seed: string): Params {
  const T = student.grid.height * student.grid.width;
  const draw: Draw = (name, shape) => {
    const row = (b: number) => normalInput(`${seed} ${name} ${b}`, shape);
    return { [name]: tf.tidy(() => tf.stack(Array.from({ length: rows }, (_, b) => row(b)))) };
  };
  if (loss.reads === 'attention') {
    const H = Math.min(student.heads, teacher.heads);
    const side = (name: string, { headDim }: StudentSpec | TeacherSpec): Params => ({
      ...draw(`${name}.q`, [H, T, headDim]),
      ...draw(`${name}.k`, [H, T, headDim]),
    });
    return { ...side('student', student), ...side('teacher', teacher) };
  }
  const own = draw('student', [T, student.width]);
  if (loss.reads === 'student') return own;
  return { ...own, ...draw('teacher', [T, teacher.width]), ...guideInputs(loss, teacher, T, draw) };
}

function guideInputs(loss: TokenAlignmentLoss, teacher: TeacherSpec, T: number, draw: Draw): Params {
  const { tokens, attention } = loss.guides?.(teacher) ?? { tokens: [], attention: [] };
  const maps = ['q', 'k'].flatMap((part) =>
    attention.map((block) => draw(`guide.${part}.${block}`, [teacher.heads, T, teacher.headDim])),
  );
  return Object.assign(
    {},
    ...tokens.map((site) => draw(`guide.tokens.${site}`, [T, teacher.width])),
    ...maps,
  ) as Params;
}

function lossOf(loss: AlignmentLoss, inputs: Params, params: Params): Scalar {
  const student = inputs['student'] as Tensor3D;
  switch (loss.reads) {
    case 'student':
      return loss.loss(student, params);
    case 'tokens':
      return loss.loss(student, inputs['teacher'] as Tensor3D, params, guideFrom(inputs));
    case 'attention':
      return loss.loss(queryKey(inputs, 'student'), queryKey(inputs, 'teacher'), params);
  }
}

/** The guide among inputs, by their names; undefined where there is none. */
export function guideFrom(inputs: Params): TapValues | undefined {
  const names = Object.keys(inputs).filter((name) => name.startsWith('guide.'));
  if (names.length === 0) return undefined;
  const of = (part: string) =>
    names.filter((name) => name.startsWith(`guide.${part}.`)).map((name) => name.split('.')[2]!);
  const site = (name: string) => (name === 'final' ? name : Number(name));
  return {
    tokens: new Map(of('tokens').map((name) => [site(name), inputs[`guide.tokens.${name}`] as Tensor3D])),
    attention: new Map(of('q').map((name) => [Number(name), queryKey(inputs, 'guide', `.${name}`)])),
  };
}

function queryKey(inputs: Params, side: string, block = ''): QueryKey {
  const part = (name: string): Tensor => inputs[`${side}.${name}${block}`]!;
  return { q_BHTd: part('q') as never, k_BHTd: part('k') as never };
}

/** The inputs that the student gives: a gradient flows to these, and to no teacher's. */
export const ofStudent = (inputs: Params): Params =>
  Object.fromEntries(Object.entries(inputs).filter(([name]) => name.startsWith('student')));
