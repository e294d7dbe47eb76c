import type { Optimizer, OptimizerState, Student } from '@hastejs/plugin-api';
import type { InterpolantName } from '@hastejs/diffusion';
import {
  type Params,
  StepClock,
  type Tensor1D,
  clipByGlobalNorm,
  disposeParams,
  emaUpdate,
  globalNorm,
  omitParams,
  tf,
  valueAndGrads,
} from '@hastejs/tensor';
import type { Alignment } from './alignment.js';
import type { StepContext, TeacherValues } from './encode-teacher.js';
import { type TrainingBatch, lossTerms, totalLoss } from './objective.js';
import { type Compute, inFloat32 } from './precision.js';
import { studentMoment } from './student-moment.js';
import { tapTensors } from './tap-pairs.js';

/** What a step needs that does not change from step to step. */
export interface StepRecipe {
  readonly student: Student;
  readonly path: InterpolantName;
  readonly optimizer: Optimizer;
  /** Global-norm clip; null is off. */
  readonly gradientClip: number | null;
  readonly emaDecay: number;
  /** Runs the teachers, the student and the gradients in the run's precision; absent: in float32. */
  readonly compute?: Compute;
}

/** All tensors of a run. A step consumes them and returns their successors. */
export interface Weights {
  /** The student's parameters and, in phase I, the projectors'. */
  readonly params: Params;
  /** Moving average of the student's trainable parameters. */
  readonly ema: Params;
  readonly optimizer: OptimizerState;
}

export interface StepResult {
  readonly weights: Weights;
  /** Names of `losses_N`, in order: total, denoise, every alignment term, gradient norm. */
  readonly names: readonly string[];
  readonly losses_N: Tensor1D;
}

/**
 * One optimisation step (METHOD section 5): losses, gradients, clip, optimizer, EMA. With `alignment` null this is plain
 * SiT training, and nothing of phase I is touched.
 * @param step 0-based index of this step.
 * @param factor what the trigger leaves of every alignment weight: below 1 on a ramp.
 */
export function trainStep(
  recipe: StepRecipe,
  weights: Weights,
  batch: TrainingBatch,
  alignment: Alignment | null,
  step: number,
  factor = 1,
): StepResult {
  const clock = new StepClock(step);
  try {
    return stepAt(clock, recipe, weights, batch, alignment, () => factor);
  } finally {
    clock.dispose();
  }
}

/**
 * `trainStep` under a clock of the caller's.
 * @param factor asked again whenever the numbers of the clock are: the trigger's answer is no function of the step.
 */
export function stepAt(
  clock: StepClock,
  recipe: StepRecipe,
  weights: Weights,
  batch: TrainingBatch,
  alignment: Alignment | null,
  factor: () => number,
): StepResult {
  const { compute = inFloat32, student, path } = recipe;
  const context: StepContext = {
    // Asked only by a teacher whose answer depends on it: reading it rules repetition out.
    get step() {
      return clock.step;
    },
    student: studentMoment(student, path, weights, batch),
    fetched: batch.fetched,
  };
  const teachers = compute(() => alignment?.encode(batch.images_BCHW, context));
  const lambdas = new Map(
    (alignment?.termNames ?? []).map((name) => [
      name,
      clock.scalar((step) => alignment!.weight(name, { step, factor: factor() })),
    ]),
  );
  const trainable = omitParams(weights.params, student.frozen);
  const differentiate = () =>
    valueAndGrads(() => {
      const aligned = alignment && teachers ? { session: alignment, teachers } : null;
      const terms = lossTerms(student, path, weights.params, batch, aligned);
      return { loss: totalLoss(terms, alignment, (name) => lambdas.get(name)!), aux: { ...terms } };
    }, trainable);
  const { loss, aux, grads } = whileKept(teachers, () => compute(differentiate));

  const clipped = clip(grads, recipe.gradientClip);
  const next = recipe.optimizer.update({
    params: weights.params,
    grads: clipped.grads,
    state: weights.optimizer,
    clock,
  });
  disposeParams(clipped.grads);
  const ema = emaUpdate(weights.ema, next.params, recipe.emaDecay);

  const named = { total: loss, ...aux, grad_norm: clipped.norm };
  const losses_N = tf.stack(Object.values(named)) as Tensor1D;
  tf.dispose([loss, aux, clipped.norm]);
  return { weights: { params: next.params, ema, optimizer: next.state }, names: Object.keys(named), losses_N };
}

/** Calls `f`, and lets go of what the teachers gave, also when it throws. */
export function whileKept<T>(teachers: TeacherValues | null | undefined, f: () => T): T {
  try {
    return f();
  } finally {
    for (const values of teachers?.values() ?? []) tf.dispose(tapTensors(values));
  }
}

function clip(grads: Params, max: number | null): ReturnType<typeof clipByGlobalNorm> {
  return max === null ? { grads, norm: globalNorm(grads) } : clipByGlobalNorm(grads, max);
}
