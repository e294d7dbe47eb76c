// B batch, T tokens, D width, b samples of a band.
import type { TermWeight } from '@hastejs/core';
import {
  type AlignmentLoss,
  type AttentionAlignmentLoss,
  type ComparedPair,
  HasteError,
  type Kinds,
  type StudentSpec,
  type TapValues,
  type TeacherEncoder,
  type TokenAlignmentLoss,
} from '@hastejs/plugin-api';
import { type Params, type Rng, type Scalar, prefixParams, subParams } from '@hastejs/tensor';
import { type PlannedPair, type TermPlan, planTerm } from './alignment-plan.js';
import { type ComparingTerm, comparePair, guideOf } from './compare-pair.js';
import type { TeacherValues } from './encode-teacher.js';
import { isBanded } from './term-weight.js';
import { type BandSamples, pickTokens } from './time-bands.js';

/** One term as the recipe declares it, its extensions created. */
export interface TermSource {
  readonly name: string;
  readonly weight: TermWeight;
  /** Null for a loss that looks at the student alone. */
  readonly teacher: TeacherEncoder | null;
  readonly loss: AlignmentLoss;
  readonly layers: Kinds['targetLayers'];
}

/** A term of phase I: what it takes from whom, checked, and the parameters that are its own. */
export class Term {
  readonly name: string;
  readonly weight: TermWeight;
  readonly teacher: TeacherEncoder | null;
  readonly loss: AlignmentLoss;
  readonly plan: TermPlan;

  /**
   * @param prefix where its own parameters live among the run's, such as `projectors.0.`; null when it owns none.
   * @throws HasteError RECIPE_INVALID, LAYERS_INVALID, TEACHER_MISMATCH when its parts do not fit each other.
   */
  constructor(
    source: TermSource,
    private readonly student: StudentSpec,
    readonly prefix: string | null,
  ) {
    const { name, weight, teacher, loss, layers } = source;
    this.name = name;
    this.weight = weight;
    this.teacher = teacher;
    this.loss = loss;
    this.plan = planTerm(name, loss, layers, { student, teacher: teacher?.spec ?? null });
    if (loss.couplesSamples && isBanded(weight)) throw coupledOverTime(name);
  }

  /** Fresh parameters of the loss, under their names among the run's. */
  init(rng: Rng): Params {
    const { loss, prefix, student, teacher } = this;
    if (prefix === null) return {};
    const own =
      loss.reads === 'student' ? loss.init!({ student }, rng) : loss.init!({ student, teacher: teacher!.spec }, rng);
    return prefixParams(own, prefix);
  }

  /** Its parameters of the run's, by local name. */
  own(params: Params): Params {
    return this.prefix === null ? {} : subParams(params, this.prefix);
  }

  /** Loss of one pair, over the samples of a band. */
  pairLoss(
    pair: PlannedPair,
    student: TapValues,
    teachers: TeacherValues,
    own: Params,
    { indices }: BandSamples,
  ): Scalar {
    const { loss } = this;
    if (loss.reads === 'student') return loss.loss(pickTokens(student.tokens.get(pair.student)!, indices), own);
    const teacher = teachers.get(this.teacher!)!;
    const compared = comparePair(this.comparing, { student, teacher }, pair, indices);
    // Of the same kind by construction; the compiler cannot see that both follow from the loss.
    if (compared.reads === 'attention') {
      return (loss as AttentionAlignmentLoss).loss(compared.studentMaps, compared.teacherMaps, own);
    }
    const { student_BTD, teacher_BTD } = compared;
    return (loss as TokenAlignmentLoss).loss(student_BTD, teacher_BTD, own, this.guide(teacher, indices));
  }

  /** What it compares, the student's tokens projected as its loss does. Nothing where the student is looked at alone. */
  pairs(student: TapValues, teacher: TapValues, params: Params): readonly ComparedPair[] {
    const { loss } = this;
    if (loss.reads === 'student') return [];
    const own = this.own(params);
    return this.plan.pairs.map((planned) => {
      const pair = comparePair(this.comparing, { student, teacher }, planned, null);
      if (pair.reads === 'attention') return pair;
      const { project, target } = loss as TokenAlignmentLoss;
      return {
        ...pair,
        ...(project && { student_BTD: project.call(loss, pair.student_BTD, own) }),
        ...(target && { teacher_BTD: target.call(loss, pair.teacher_BTD) }),
      };
    });
  }

  private get comparing(): ComparingTerm {
    const { plan, loss, teacher, student } = this;
    const reads = loss.reads === 'attention' ? 'attention' : 'tokens';
    return { reads, resampleFrom: plan.resample ? teacher!.spec.grid : null, grid: student.grid };
  }

  /** What guides the loss; absent where it asked for nothing. */
  private guide(teacher: TapValues, indices: BandSamples['indices']): TapValues | undefined {
    const { guides } = this.plan;
    if (guides.tokens.length === 0 && guides.attention.length === 0) return undefined;
    return guideOf(this.comparing, teacher, guides, indices);
  }
}

function coupledOverTime(name: string): HasteError {
  return new HasteError('RECIPE_INVALID', {
    what: 'The loss compares the samples of a batch with each other, so samples cannot be weighed by their times.',
    where: `alignment.terms.${name}.weight.overTime`,
    fix: 'Leave overTime out of the weight of this term.',
  });
}
