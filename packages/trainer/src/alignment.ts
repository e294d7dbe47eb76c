import {
  type AlignmentLoss,
  type AttentionAlignmentLoss,
  type BatchItems,
  type ComparedPair,
  type EncodeContext,
  HasteError,
  type Kinds,
  type StudentSpec,
  type TapData,
  type TapValues,
  type Taps,
  type TeacherEncoder,
  type TokenAlignmentLoss,
} from '@hastejs/plugin-api';
import type { TermWeight } from '@hastejs/core';
import {
  type Params,
  type Rng,
  type Scalar,
  type Tensor1D,
  type Tensor4D,
  prefixParams,
  subParams,
  tf,
} from '@hastejs/tensor';
import { type PlannedPair, type TermPlan, planTerm, tapsOf } from './alignment-plan.js';
import { type PairSource, comparePair } from './compare-pair.js';
import { tapTensors } from './tap-pairs.js';
import { type WeightMoment, varies, weightAt } from './term-weight.js';
import { type BandSamples, dealToBands } from './time-bands.js';

// B batch, C channels, H×W pixels, T tokens, D width.

/** One term as the recipe declares it, its extensions created. */
export interface TermSource {
  readonly name: string;
  readonly weight: TermWeight;
  readonly teacher: TeacherEncoder;
  readonly loss: AlignmentLoss;
  readonly layers: Kinds['targetLayers'];
}

interface Term extends TermSource {
  readonly plan: TermPlan;
  /** Where the term's own parameters live among the run's, such as `projectors.0.`; null when it owns none. */
  readonly prefix: string | null;
}

/** What the teachers saw of one batch. Plain tensors: the caller disposes them after the step. */
export type TeacherValues = ReadonlyMap<TeacherEncoder, TapValues>;

/** What was read ahead of one batch, in host memory, for the teachers that answer by data item. */
export type FetchedTaps = ReadonlyMap<TeacherEncoder, TapData>;

/** What the teachers may know of a step. */
export type StepContext = Omit<EncodeContext, 'fetched'> & { readonly fetched?: TeacherValues | undefined };

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
    private readonly student: StudentSpec,
    sources: readonly TermSource[],
    /** How a teacher is given up: by its own `dispose`, unless whoever created it wants to know. */
    private readonly release: (teacher: TeacherEncoder) => void | Promise<void> = (teacher) => teacher.dispose(),
  ) {
    let owners = 0;
    this.terms = sources.map((source) => ({
      ...source,
      plan: planTerm(source.name, source.loss, source.layers, { student, teacher: source.teacher.spec }),
      prefix: source.loss.init ? `projectors.${owners++}.` : null,
    }));
    this.taps = tapsOf('student', this.terms);
    const teachers = new Set(sources.map(({ teacher }) => teacher));
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
    const banded = this.terms.find(({ weight }) => typeof weight !== 'number' && weight.overTime);
    if (banded) return `the weight over time of the term '${banded.name}'`;
    const term = this.terms.find(({ loss }) => !loss.repeatable);
    return term ? `the loss of the term '${term.name}'` : null;
  }

  /** Fresh projector parameters under their released names, `projectors.0.2.bias`. */
  init(rng: Rng): Params {
    const own = this.terms.map(({ name, loss, prefix, teacher }) =>
      prefix === null
        ? {}
        : prefixParams(loss.init!({ student: this.student, teacher: teacher.spec }, rng.stream(name)), prefix),
    );
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
        const own = term.prefix === null ? {} : subParams(params, term.prefix);
        const bands = typeof term.weight === 'number' ? undefined : term.weight.overTime;
        const parts = bands ? dealToBands(bands, (times_B ??= t_B.dataSync())) : [WHOLE];
        const losses = parts.flatMap((part) =>
          term.plan.pairs.map((pair) => {
            const loss = this.pairLoss(term, pair, student, teachers.get(term.teacher)!, own, part);
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
    // A teacher that answers by data item has read all of its taps ahead, and gives what it has.
    return encodeWith(teacher, images_BCHW, this.tapsOf(name).teacher, context);
  }

  /** What one term compares, the student's tokens projected as its loss does. */
  pairs(name: string, student: TapValues, teacher: TapValues, params: Params): readonly ComparedPair[] {
    const term = this.term(name);
    const own = term.prefix === null ? {} : subParams(params, term.prefix);
    const source = this.sourceOf(term, student, teacher);
    return term.plan.pairs.map((planned) => {
      const pair = comparePair(source, planned, null);
      if (pair.reads === 'attention') return pair;
      const { project } = term.loss as TokenAlignmentLoss;
      return project ? { ...pair, student_BTD: project(pair.student_BTD, own) } : pair;
    });
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

  /** Loss of one pair, over the samples of a band. */
  private pairLoss(
    term: Term,
    pair: PlannedPair,
    student: TapValues,
    teacher: TapValues,
    own: Params,
    { indices }: BandSamples,
  ): Scalar {
    const compared = comparePair(this.sourceOf(term, student, teacher), pair, indices);
    // Of the same kind by construction; the compiler cannot see that both follow from the loss.
    return compared.reads === 'tokens'
      ? (term.loss as TokenAlignmentLoss).loss(compared.student_BTD, compared.teacher_BTD, own)
      : (term.loss as AttentionAlignmentLoss).loss(compared.studentMaps, compared.teacherMaps, own);
  }

  private sourceOf(term: Term, student: TapValues, teacher: TapValues): PairSource {
    const specs = { student: this.student, teacher: term.teacher.spec };
    return { reads: term.loss.reads, plan: term.plan, specs, student, teacher };
  }

  private term(name: string): Term {
    return this.terms.find((term) => term.name === name)!;
  }
}

/** All samples of a batch, counted alike. */
const WHOLE: BandSamples = { weight: 1, indices: null };

/** Σ losses / count; a batch in which no sample counts has the loss 0. */
function meanOver(losses: readonly Scalar[], count: number): Scalar {
  if (losses.length === 0) return tf.scalar(0);
  const sum = losses.length === 1 ? losses[0]! : tf.addN<Scalar>([...losses]);
  return count === 1 ? sum : tf.div(sum, count);
}

function encodeWith(
  teacher: TeacherEncoder,
  images_BCHW: Tensor4D,
  taps: Taps,
  context: StepContext | undefined,
): TapValues {
  let values: TapValues | undefined;
  const kept = tf.tidy(() => {
    const known = context && knownOf(context, teacher);
    values = teacher.encode(images_BCHW, taps, known);
    return tapTensors(values);
  });
  const missing = [
    ...taps.tokens.filter((site) => !values!.tokens.has(site)).map((site) => `tokens of ${site}`),
    ...taps.attention.filter((site) => !values!.attention.has(site)).map((site) => `attention of ${site}`),
  ];
  if (missing.length === 0) return values!;
  tf.dispose(kept);
  throw new HasteError('EXTENSION_FAILED', {
    what: `The teacher did not give the taps it was asked for: ${missing.join(', ')}.`,
    where: `${teacher.spec.name}.encode`,
    fix: 'A teacher must answer every tap within its spec; report this to the author of the plugin.',
  });
}

/** The number of the step stays unread until the teacher reads it. */
function knownOf(context: StepContext, teacher: TeacherEncoder): EncodeContext {
  const fetched = context.fetched?.get(teacher);
  return {
    get step() {
      return context.step;
    },
    student: context.student,
    ...(fetched && { fetched }),
  };
}
