/** What a training step calls: the student, teachers, alignment losses, the optimizer. */
export interface Repeatable {
  /**
   * States that what it asks of the backend follows from the shapes of its tensors, and from numbers of `StepClock.scalar`: it
   * keeps no state of its own, reads no value to the host, uses no other number that changes from step to step. A backend that
   * can then repeats a recorded step without calling it, which saves JavaScript's time. Absent or false: it is called in every step.
   */
  readonly repeatable?: boolean;
}
