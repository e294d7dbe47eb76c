import type { Host, Recipe, RunEvents } from '@hastejs/core';
import type { Ref } from '@hastejs/plugin-api';

export interface TrainOptions {
  readonly host: Host;
  /** Resolved: `host.resolve(input)`. */
  readonly recipe: Recipe;
  /** Where the recipe's relative paths start. */
  readonly baseDir: string;
  /** The file that the recipe was read from: what resumes the run reads its plugins there. */
  readonly recipeFile?: string;
  /** The run folder. */
  readonly folder: string;
  /** Go on from the newest checkpoint of the folder, or from the checkpoint folder named. */
  readonly resume?: true | string;
  /**
   * Begin from a checkpoint of another run (its folder, or a run folder for the newest) as a run of its own: the recipe may
   * differ from that run's in its name, its length and the end of its phase I.
   */
  readonly fork?: string;
  /** Replace what an earlier run left in the folder. */
  readonly fresh?: boolean;
  /** Instead of the recipe's backend. A resumed run uses the backend it began on unless told otherwise. */
  readonly backend?: Ref<'backend'> | string;
  /** When it fires, the step is finished, a checkpoint saved, and the report says `interrupted`. */
  readonly signal?: AbortSignal;
  readonly listen?: (events: RunEvents) => void;
}

/** What is known once a step is complete. */
export interface StepFacts {
  readonly losses: Readonly<Record<string, number>>;
  readonly measured: Readonly<Record<string, number>>;
  /** Wall clock of the training step, without measurements. */
  readonly seconds: number;
}
