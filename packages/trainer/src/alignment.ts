import type {
  BatchItems,
  ComparedPair,
  StudentSpec,
  TapData,
  TapValues,
  Taps,
  TeacherEncoder,
} from '@hastejs/plugin-api';
import { type Params, type Rng, type Scalar, type Tensor1D, type Tensor4D, tf } from '@hastejs/tensor';
import { type StepContext, type TeacherValues, encodeWith } from './encode-teacher.js';
import { tapsOf } from './term-taps.js';
import { Term, type TermSource } from './term.js';
import { type WeightMoment, isBanded, varies, weightAt } from './term-weight.js';
import { type BandSamples, dealToBands } from './time-bands.js';

// B batch, C channels, H×W pixels, T tokens, D width.

/** What was read ahead of one batch, in host memory, for the teachers that answer by data item. */
export type FetchedTaps = ReadonlyMap<TeacherEncoder, TapData>;

/**
 * Everything of phase I (METHOD section 3): teachers, taps, losses and the projectors' parameters. The loop holds one or
 * null; closing it frees the teachers, and nothing else in the run knows of phases.
 */
export class Alignment {
  /** What the student must give. */
  readonly taps: Taps;
  /** Every teacher once, with all that its terms need of it. */
  readonly teachers: ReadonlyMap<TeacherEncoder, Taps>;
  private readonly terms: readonly Term[];
  private closed = false;

  constructor(
    student: StudentSpec,
    sources: readonly TermSource[],
    /** How a teacher is given up: by its own `dispose`, unless whoever created it wants to know. */
    private readonly release: (teacher: TeacherEncoder) => void | Promise<void> = (teacher) => teacher.dispose(),
  ) {
    let owners = 0;
    this.terms = sources.map(
      (source) => new Term(source, student, source.loss.init ? `projectors.${owners++}.` : null),
    );
    this.taps = tapsOf('student', this.terms);
    const teachers = new Set(sources.flatMap(({ teacher }) => teacher ?? []));
    this.teachers = new Map(
      [...teachers].map((teacher) => [
        teacher,
        tapsOf(
          'teacher',
          this.terms.filter((term) => term.teacher === teacher),
        ),
      ]),
    );
  }

  /** Whether phase I has ended. */
  get isClosed(): boolean {
    return this.closed;
  }

  get termNames(): readonly string[] {
    return this.terms.map(({ name }) => name);
  }

  /** Names the first part that does not state that its work can be repeated; null when all do. */
  get unrepeatable(): string | null {
    const teacher = [...this.teachers.keys()].find(({ repeatable }) => !repeatable);
    if (teacher) return `the teacher ${teacher.spec.name}`;
    // Which samples lie in which band is the host's to find out, anew in every step.
    const banded = this.terms.find(({ weight }) => isBanded(weight));
    if (banded) return `the weight over time of the term '${banded.name}'`;
    const term = this.terms.find(({ loss }) => !loss.repeatable);
    return term ? `the loss of the term '${term.name}'` : null;
  }

  /** Fresh projector parameters under their released names, `projectors.0.2.bias`. */
  init(rng: Rng): Params {
    const own = this.terms.map((term) => term.init(rng.stream(term.name)));
    return Object.assign({}, ...own);
  }

  /** Whether a parameter belongs to alignment and retires with it. */
  owns(parameter: string): boolean {
    return this.terms.some(({ prefix }) => prefix !== null && parameter.startsWith(prefix));
  }

  /**
   * Reads what is kept of a batch, for teachers that answer by data item: host memory only, beside the training and ahead
   * of it. Nothing once phase I has ended, also of what is under way then.
   */
  async fetch(items: BatchItems): Promise<FetchedTaps> {
    const fetching = [...this.teachers].filter(([{ fetch }]) => fetch && !this.closed);
    try {
      const found = fetching.map(async ([teacher, taps]) => [teacher, await teacher.fetch!(items, taps)] as const);
      return new Map(await Promise.all(found));
    } catch (error) {
      if (this.closed) return new Map();
      throw error;
    }
  }

  /**
   * Runs every teacher once, on exactly the taps that the terms need. No gradient.
   * @param images_BCHW raw pixels.
   * @param context what teachers may know besides pixels; may be absent while all of them see nothing else.
   */
  encode(images_BCHW: Tensor4D, context?: StepContext): TeacherValues {
    return new Map(
      [...this.teachers].map(([teacher, taps]) => [teacher, encodeWith(teacher, images_BCHW, taps, context)]),
    );
  }

  /**
   * Loss of every term without its λ: the mean over its pairs, and over the batch. A term whose weight depends on time
   * counts each sample by its factor, Σ_b f(t_b)·l_b / B.
   * @param t_B diffusion times of the batch.
   */
  losses(student: TapValues, teachers: TeacherValues, params: Params, t_B: Tensor1D): Record<string, Scalar> {
    // Times were drawn on the host: reading them back waits for nothing but their own upload.
    let times_B: ArrayLike<number> | undefined;
    return Object.fromEntries(
      this.terms.map((term) => {
        const own = term.own(params);
        const bands = typeof term.weight === 'number' ? undefined : term.weight.overTime;
        const parts = bands ? dealToBands(bands, (times_B ??= t_B.dataSync())) : [WHOLE];
        const losses = parts.flatMap((part) =>
          term.plan.pairs.map((pair) => {
            const loss = term.pairLoss(pair, student, teachers, own, part);
            return part.weight === 1 ? loss : tf.mul<Scalar>(loss, part.weight);
          }),
        );
        return [term.name, meanOver(losses, term.plan.pairs.length)];
      }),
    );
  }

  /** What one term needs of both sides. */
  tapsOf(name: string): { readonly student: Taps; readonly teacher: Taps } {
    const term = [this.term(name)];
    return { student: tapsOf('student', term), teacher: tapsOf('teacher', term) };
  }

  /** What one term's own teacher sees of a batch, for this term. */
  encodeFor(name: string, images_BCHW: Tensor4D, context: StepContext): TapValues {
    const { teacher } = this.term(name);
    if (!teacher) return NOTHING;
    // A teacher that answers by data item has read all of its taps ahead, and gives what it has.
    return encodeWith(teacher, images_BCHW, this.tapsOf(name).teacher, context);
  }

  /** What one term compares, the student's tokens projected as its loss does. */
  pairs(name: string, student: TapValues, teacher: TapValues, params: Params): readonly ComparedPair[] {
    return this.term(name).pairs(student, teacher, params);
  }

  /** λ of a term in a step. */
  weight(name: string, moment: WeightMoment): number {
    return weightAt(this.term(name).weight, moment);
  }

  /** Whether any λ changes from step to step, by its own schedule. */
  get scheduled(): boolean {
    return this.terms.some(({ weight }) => varies(weight));
  }

  /** Ends phase I: the teachers' memory is free and they are never called again. */
  async close(): Promise<void> {
    this.closed = true;
    for (const teacher of this.teachers.keys()) await this.release(teacher);
  }

  private term(name: string): Term {
    return this.terms.find((term) => term.name === name)!;
  }
}

/** What the teacher of a term without one gives. */
const NOTHING: TapValues = { tokens: new Map(), attention: new Map() };

/** All samples of a batch, counted alike. */
const WHOLE: BandSamples = { weight: 1, indices: null };

/** Σ losses / count; a batch in which no sample counts has the loss 0. */
function meanOver(losses: readonly Scalar[], count: number): Scalar {
  if (losses.length === 0) return tf.scalar(0);
  const sum = losses.length === 1 ? losses[0]! : tf.addN<Scalar>([...losses]);
  return count === 1 ? sum : tf.div(sum, count);
}
