import {
  type AlignmentLoss,
  HasteError,
  type Kinds,
  type QueryKey,
  type StudentSpec,
  type TapValues,
  type Taps,
  type TeacherEncoder,
  type TokenGrid,
} from '@hastejs/plugin-api';
import { resampleTokens } from '@hastejs/models';
import {
  type Params,
  type Rng,
  type Scalar,
  type Tensor3D,
  type Tensor4D,
  prefixParams,
  subParams,
  tf,
} from '@hastejs/tensor';
import { type HeadMap, type PlannedPair, type TermPlan, planTerm, tapsOf } from './alignment-plan.js';

// B batch, T tokens, D width, H heads, d head size.

/** One term as the recipe declares it, its extensions created. */
export interface TermSource {
  readonly name: string;
  readonly weight: number;
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

/**
 * Everything of phase I (METHOD section 3): teachers, taps, losses and the projectors' parameters. The loop holds one or
 * null; closing it frees the teachers, and nothing else in the run knows of phases.
 */
export class Alignment {
  /** What the student must give. */
  readonly taps: Taps;
  private readonly terms: readonly Term[];
  private readonly teachers: ReadonlyMap<TeacherEncoder, Taps>;

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

  get termNames(): readonly string[] {
    return this.terms.map(({ name }) => name);
  }

  /** Names the first part that does not state that its work can be repeated; null when all do. */
  get unrepeatable(): string | null {
    const teacher = [...this.teachers.keys()].find(({ repeatable }) => !repeatable);
    if (teacher) return `the teacher ${teacher.spec.name}`;
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

  /** Runs every teacher once on raw pixels, on exactly the taps that the terms need. No gradient. */
  encode(images_BCHW: Tensor4D): TeacherValues {
    return new Map([...this.teachers].map(([teacher, taps]) => [teacher, this.encodeWith(teacher, images_BCHW, taps)]));
  }

  /** Unweighted loss of every term: the mean over its pairs. */
  losses(student: TapValues, teachers: TeacherValues, params: Params): Record<string, Scalar> {
    return Object.fromEntries(
      this.terms.map((term) => {
        const own = term.prefix === null ? {} : subParams(params, term.prefix);
        const losses = term.plan.pairs.map((pair) =>
          this.pairLoss(term, pair, student, teachers.get(term.teacher)!, own),
        );
        return [term.name, losses.length === 1 ? losses[0]! : tf.div(tf.addN(losses), losses.length)];
      }),
    );
  }

  /** λ of every term. */
  weight(name: string): number {
    return this.terms.find((term) => term.name === name)!.weight;
  }

  /** Ends phase I: the teachers' memory is free and they are never called again. */
  async close(): Promise<void> {
    for (const teacher of this.teachers.keys()) await this.release(teacher);
  }

  private encodeWith(teacher: TeacherEncoder, images_BCHW: Tensor4D, taps: Taps): TapValues {
    let values: TapValues | undefined;
    const kept = tf.tidy(() => {
      values = teacher.encode(images_BCHW, taps);
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

  private pairLoss(term: Term, pair: PlannedPair, student: TapValues, teacher: TapValues, own: Params): Scalar {
    const from = term.plan.resample ? term.teacher.spec.grid : null;
    const grid = this.student.grid;
    if (term.loss.reads === 'tokens') {
      const target_BTD = teacher.tokens.get(pair.teacher)!;
      return term.loss.loss(
        student.tokens.get(pair.student)!,
        from ? resampleTokens(target_BTD, from, grid) : target_BTD,
        own,
      );
    }
    const target = selectHeads(teacher.attention.get(pair.teacher as number)!, pair.heads, 1);
    return term.loss.loss(
      selectHeads(student.attention.get(pair.student)!, pair.heads, 0),
      from ? resampleAttention(target, from, grid) : target,
      own,
    );
  }
}

export function tapTensors(values: TapValues): (Tensor3D | Tensor4D)[] {
  return [
    ...values.tokens.values(),
    ...[...values.attention.values()].flatMap(({ q_BHTd, k_BHTd }) => [q_BHTd, k_BHTd]),
  ];
}

/** The mapped heads of one side, in the map's order. A leading run of heads is a slice, which costs no gather. */
function selectHeads({ q_BHTd, k_BHTd }: QueryKey, map: HeadMap, side: 0 | 1): QueryKey {
  const heads = map.map((pair) => pair[side]);
  const leading = heads.every((head, index) => head === index);
  if (leading && heads.length === q_BHTd.shape[1]) return { q_BHTd, k_BHTd };
  const pick = (x: Tensor4D): Tensor4D =>
    leading
      ? tf.slice(x, [0, 0, 0, 0], [x.shape[0], heads.length, x.shape[2], x.shape[3]])
      : tf.concat(
          heads.map((head) => tf.slice(x, [0, head, 0, 0], [x.shape[0], 1, x.shape[2], x.shape[3]])),
          1,
        );
  return { q_BHTd: pick(q_BHTd), k_BHTd: pick(k_BHTd) };
}

/** Logits are bilinear in q and k, so resampling k, then q, resamples the map along keys, then queries: no T×T needed. */
function resampleAttention({ q_BHTd, k_BHTd }: QueryKey, from: TokenGrid, to: TokenGrid): QueryKey {
  const resample = (x: Tensor4D): Tensor4D => {
    const [B, H, T, d] = x.shape;
    const y = resampleTokens(tf.reshape(x, [B * H, T, d]), from, to);
    return tf.reshape(y, [B, H, to.height * to.width, d]);
  };
  return { k_BHTd: resample(k_BHTd), q_BHTd: resample(q_BHTd) };
}
