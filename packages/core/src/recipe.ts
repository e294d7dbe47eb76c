import type { Guidance, Plugin, Precision, Ref, RefInput } from '@hastejs/plugin-api';

export type { RefInput } from '@hastejs/plugin-api';

/** One alignment loss between chosen blocks of student and teacher. */
export interface AlignmentTerm {
  readonly loss: Ref<'alignmentLoss'>;
  readonly layers: Ref<'targetLayers'>;
  readonly weight: TermWeight;
  /** Instead of the alignment's teacher. */
  readonly teacher?: Ref<'teacher'>;
  /** Of this term's own teacher. */
  readonly cache?: TeacherCache;
}

/** λ of a term: a number, or a schedule. */
export type TermWeight = number | WeightSchedule;

/** λ of a term that depends on the step, or on the diffusion time of each sample. */
export interface WeightSchedule {
  readonly value: number;
  /** From `value` to `to`: starts at step `start` (0-based) and takes `steps` of them. */
  readonly ramp?: { readonly to: number; readonly start: number; readonly steps: number; readonly shape: RampShape };
  /** Factors on samples by their time t, in bands from 0 to 1: each goes from the last one's end to `until`. */
  readonly overTime?: readonly TimeBand[];
}

export type RampShape = 'linear' | 'cosine';

export interface TimeBand {
  readonly until: number;
  readonly factor: number;
}

/** What people write of a {@link WeightSchedule}: value 0.5, and a linear ramp to 0 that starts at once. */
export interface WeightScheduleInput {
  readonly value?: number;
  readonly ramp?: { readonly to?: number; readonly start?: number; readonly steps: number; readonly shape?: RampShape };
  readonly overTime?: readonly TimeBand[];
}

/** Features of a teacher computed once, before the first step, and kept on disk. */
export interface TeacherCache {
  /** Folder of the caches of any number of teachers and data sets. */
  readonly dir: string;
  /** Precision that features are kept in; float32 keeps the teacher's own numbers. */
  readonly storage: 'float32' | 'bf16' | 'float16';
}

/** A resolved recipe: every default filled in, every option checked. Plain, frozen JSON that resolves to itself. */
export interface Recipe {
  readonly name: string;
  readonly seed: number;
  /** Module specifiers or names of the plugins that the recipe brings. */
  readonly plugins: readonly string[];
  /** Absent: the best available. */
  readonly backend?: Ref<'backend'>;
  readonly precision: Precision;
  readonly student: Ref<'student'>;
  readonly data: Ref<'dataset'>;
  readonly path: 'linear' | 'cosine';
  readonly time: 'uniform' | 'lognormal';
  readonly labelDropout: number;
  readonly alignment: null | {
    /** Absent: no term compares with one, or each names its own. */
    readonly teacher?: Ref<'teacher'>;
    /** Of this teacher; absent: it runs at every step. */
    readonly cache?: TeacherCache;
    /** Absent: alignment never ends. */
    readonly until?: Ref<'trigger'>;
    readonly terms: Readonly<Record<string, AlignmentTerm>>;
  };
  readonly steps: number;
  readonly batchSize: number;
  readonly optimizer: Ref<'optimizer'>;
  readonly gradientClip: number | null;
  readonly ema: { readonly decay: number };
  readonly metrics: readonly Ref<'metric'>[];
  readonly loggers: readonly Ref<'logger'>[];
  readonly checkpoints: { readonly every: number; readonly keep: number; readonly at: readonly number[] };
  readonly sampling: {
    readonly sampler: Ref<'sampler'>;
    readonly guidance: Guidance;
    readonly perClass: number;
    readonly seed: number;
  };
}

/** What people write: whatever has a default may be left out. */
export interface RecipeInput {
  /** Names the run: letters, digits, `.`, `_`, `-`. */
  readonly name: string;
  /** Every random number of the run follows from it: 0. */
  readonly seed?: number;
  /** Plugins that are not built in: what they export, or module specifiers (relative ones start at the recipe's folder). */
  readonly plugins?: readonly (Plugin | string)[];
  /** Default: the best available. */
  readonly backend?: RefInput<'backend'>;
  /** What products and activations are computed in: float32. Parameters, optimizer state and losses are always float32. */
  readonly precision?: Precision;
  /** The diffusion transformer to train. */
  readonly student: RefInput<'student'>;
  readonly data: RefInput<'dataset'>;
  /** How data and noise are mixed on the way: linear. */
  readonly path?: 'linear' | 'cosine';
  /** How diffusion times are drawn in training: uniform. */
  readonly time?: 'uniform' | 'lognormal';
  /** Share of labels replaced by the null class, for guidance: 0.1. */
  readonly labelDropout?: number;
  /** Phase I; null (the default) trains without a teacher. */
  readonly alignment?: null | AlignmentInput;
  /** Optimizer steps of the whole run. */
  readonly steps: number;
  /** Images a step: 256. */
  readonly batchSize?: number;
  /** `optimizer/adamw`. */
  readonly optimizer?: RefInput<'optimizer'>;
  /** Largest global gradient norm, or null for no clipping: 1. */
  readonly gradientClip?: number | null;
  /** Moving average of the weights, which samples are drawn from: decay 0.9999. */
  readonly ema?: { readonly decay?: number };
  readonly metrics?: readonly RefInput<'metric'>[];
  /** `[logger/jsonl]`. */
  readonly loggers?: readonly RefInput<'logger'>[];
  /**
   * Saved every n steps (1000), of which the newest `keep` (3) stay, and after the steps in `at` (none). Those, and the one
   * at the phase change, always stay.
   */
  readonly checkpoints?: { readonly every?: number; readonly keep?: number; readonly at?: readonly number[] };
  /** How samples are drawn at the end: Euler–Maruyama with 250 steps, no guidance, 8 a class, seed 0. */
  readonly sampling?: {
    readonly sampler?: RefInput<'sampler'>;
    readonly guidance?: Partial<Guidance>;
    readonly perClass?: number;
    readonly seed?: number;
  };
}

export interface AlignmentInput {
  /** The frozen encoder to learn from. Left out where no term compares with one, or each names its own. */
  readonly teacher?: RefInput<'teacher'> | undefined;
  /** Computes its features once and keeps them: in `teacher-cache` beside the recipe, as float32. */
  readonly cache?: Partial<TeacherCache>;
  /** Ends alignment; without it, it never ends. */
  readonly until?: RefInput<'trigger'>;
  /** By names of your choice, which appear as `align/<name>`. */
  readonly terms: Readonly<Record<string, AlignmentTermInput>>;
}

export interface AlignmentTermInput {
  readonly loss: RefInput<'alignmentLoss'>;
  readonly layers: RefInput<'targetLayers'>;
  /** λ: 0.5. */
  readonly weight?: number | WeightScheduleInput;
  /** Instead of the alignment's teacher. */
  readonly teacher?: RefInput<'teacher'>;
  /** Of this term's own teacher. */
  readonly cache?: Partial<TeacherCache>;
}

/** Gives a recipe written in TypeScript its types. */
export function defineRecipe(recipe: RecipeInput): RecipeInput {
  return recipe;
}
