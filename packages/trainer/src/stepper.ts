import type { Backend, Recording } from '@hastejs/plugin-api';
import { type Params, StepClock, type StepNumber, type Tensor, type Tensor1D } from '@hastejs/tensor';
import type { Alignment } from './alignment.js';
import { batchTensors } from './draws.js';
import type { TrainingBatch } from './objective.js';
import { type StepRecipe, type StepResult, type Weights, stepAt, trainStep } from './step.js';

/** Failures in a row after which the steps of a phase are left to the code. */
const MOST_FAILURES = 4;
/** Repetitions after which the code takes a step again, and what it does is held against what is repeated. */
const CHECK_EVERY = 1000;

/** A step that was recorded, and what turns its outputs into a StepResult. */
interface Recorded {
  readonly recording: Recording;
  /** What its last inputs are made of, given the step. */
  readonly numbers: readonly StepNumber[];
  readonly names: readonly string[];
}

/**
 * Takes the steps of a run. Where the backend can, two steps are recorded; if they asked the same of it, what they asked is
 * repeated from then on without JavaScript, bit for bit what the code would do. A step that differs from the one before it
 * (numbers put on the backend that change, a host value read, another shape) is always taken by the code.
 */
export class Stepper {
  /** What the trigger leaves of every alignment weight in the step that is being taken. */
  private factor = 1;
  private phase: Alignment | null | undefined;
  /** Why no step of this phase can be repeated, whatever it does; null: it may turn out that it can. */
  private unrepeatable: string | null = null;
  private last: Recorded | null = null;
  private confirmed = false;
  private repeated = 0;
  private failures = 0;
  private reason: string | null = 'no step was taken yet';

  constructor(
    private readonly recipe: StepRecipe,
    private readonly backend: Pick<Backend, 'record'>,
  ) {}

  /** Why the last step was not a repetition; null: it was one. */
  get notRepeated(): string | null {
    return this.reason;
  }

  /** trainStep, by the code or by repetition. */
  step(weights: Weights, batch: TrainingBatch, alignment: Alignment | null, step: number, factor = 1): StepResult {
    this.factor = factor;
    if (alignment !== this.phase) this.enter(alignment);
    if (this.confirmed && this.repeated < CHECK_EVERY) {
      const result = this.repeat(this.last!, weights, batch, step);
      if (typeof result !== 'string') return result;
      this.fail(result);
    }
    const byCode = this.unrepeatable !== null || this.failures >= MOST_FAILURES;
    if (byCode) return trainStep(this.recipe, weights, batch, alignment, step, factor);
    return this.record(weights, batch, alignment, step);
  }

  dispose(): void {
    this.forget();
  }

  private repeat(last: Recorded, weights: Weights, batch: TrainingBatch, step: number): StepResult | string {
    const clock = new StepClock(step);
    for (const number of last.numbers) clock.scalar(number);
    const outputs = last.recording.replay([...batchTensors(batch), ...flat(weights), ...clock.scalars]);
    clock.dispose();
    if (typeof outputs === 'string') return outputs;
    this.repeated += 1;
    this.reason = null;
    const [losses_N, ...next] = outputs;
    return { weights: successors(weights, next), names: last.names, losses_N: losses_N as Tensor1D };
  }

  private record(weights: Weights, batch: TrainingBatch, alignment: Alignment | null, step: number): StepResult {
    const clock = new StepClock(step);
    const given = batchTensors(batch);
    try {
      const { result, recording } = this.backend.record!([...given, ...flat(weights)], () => {
        const taken = stepAt(clock, this.recipe, weights, batch, alignment, () => this.factor);
        return { taken, outputs: [taken.losses_N, ...flat(taken.weights)], lateInputs: clock.scalars };
      });
      const { taken } = result;
      if (typeof recording === 'string') this.fail(recording);
      else this.consider({ recording, numbers: clock.numbers, names: taken.names }, clock, given.length);
      return taken;
    } finally {
      clock.dispose();
    }
  }

  /** Confirms what was recorded before, or waits for the next step to confirm this one. */
  private consider(recorded: Recorded, clock: StepClock, first: number): void {
    const { last } = this;
    const alone = fault(recorded.recording, clock, first);
    const reason = alone ?? (last ? last.recording.difference(recorded.recording) : 'it was recorded just now');
    last?.recording.dispose();
    this.last = recorded;
    this.confirmed = reason === null;
    this.repeated = 0;
    if (this.confirmed) this.failures = 0;
    else if (last || alone) this.fail(reason!);
    this.reason = reason ?? 'it was held against the recording';
  }

  private fail(reason: string): void {
    this.confirmed = false;
    this.failures += 1;
    this.reason = reason;
  }

  private enter(alignment: Alignment | null): void {
    this.forget();
    this.phase = alignment;
    this.unrepeatable = this.backend.record ? part(this.recipe, alignment) : 'the backend does not record';
    if (this.unrepeatable !== null) this.reason = this.unrepeatable;
  }

  private forget(): void {
    this.last?.recording.dispose();
    this.last = null;
    this.confirmed = false;
    this.failures = 0;
  }
}

/** Why a recording cannot stand for every step, by itself. @param first index of the first weight among the inputs. */
function fault({ kept }: Recording, clock: StepClock, first: number): string | null {
  if (clock.wasRead) return 'it depends on the number of the step';
  const moved = kept.some((input, output) => input !== null && input !== first + output - 1);
  return moved ? 'it moves tensors from one place to another' : null;
}

/** The first part of a step that does not state that its work can be repeated. */
function part({ student, optimizer }: StepRecipe, alignment: Alignment | null): string | null {
  const name = !student.repeatable
    ? `the student ${student.spec.name}`
    : !optimizer.repeatable
      ? 'the optimizer'
      : (alignment?.unrepeatable ?? null);
  return name && `${name} does not state that it is repeatable`;
}

/** All tensors of a run, in an order that follows from their names. */
function flat({ params, ema, optimizer }: Weights): Tensor[] {
  return [params, ema, ...Object.values(optimizer)].flatMap((group) => Object.values(group));
}

/** The weights after a repetition: the tensors themselves where they were written in place. */
function successors(weights: Weights, next: readonly (Tensor | null)[]): Weights {
  if (next.every((tensor) => tensor === null)) return weights;
  let index = 0;
  const each = (params: Params): Params =>
    Object.fromEntries(
      Object.entries(params).map(([name, old]) => {
        const tensor = next[index++];
        if (tensor) old.dispose();
        return [name, tensor ?? old];
      }),
    );
  const [params, ema] = [each(weights.params), each(weights.ema)];
  const optimizer = Object.fromEntries(Object.entries(weights.optimizer).map(([slot, group]) => [slot, each(group)]));
  return { params, ema, optimizer };
}
