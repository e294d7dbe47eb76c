import type { Guidance, JsonObject, Kind, Plugin, Precision, Ref } from '@hastejs/plugin-api';

/** One alignment loss between chosen blocks of student and teacher. */
export interface AlignmentTerm {
  readonly loss: Ref<'alignmentLoss'>;
  readonly layers: Ref<'targetLayers'>;
  readonly weight: number;
  /** Instead of the alignment's teacher. */
  readonly teacher?: Ref<'teacher'>;
  /** Of this term's own teacher. */
  readonly cache?: TeacherCache;
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
    readonly teacher: Ref<'teacher'>;
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
  readonly checkpoints: { readonly every: number; readonly keep: number };
  readonly sampling: {
    readonly sampler: Ref<'sampler'>;
    readonly guidance: Guidance;
    readonly perClass: number;
    readonly seed: number;
  };
}

/** An extension with options as people write it: a call of the extension in TypeScript; `{ id, with }` or the id alone in JSON and YAML. */
export type RefInput<K extends Kind = Kind> =
  Ref<K> | { readonly kind?: K; readonly id: string; readonly with?: JsonObject } | string;

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
  /** Saved every n steps (1000), of which the newest `keep` (3) stay; the one at the phase change always stays. */
  readonly checkpoints?: { readonly every?: number; readonly keep?: number };
  /** How samples are drawn at the end: Euler–Maruyama with 250 steps, no guidance, 8 a class, seed 0. */
  readonly sampling?: {
    readonly sampler?: RefInput<'sampler'>;
    readonly guidance?: Partial<Guidance>;
    readonly perClass?: number;
    readonly seed?: number;
  };
}

export interface AlignmentInput {
  /** The frozen encoder to learn from. */
  readonly teacher: RefInput<'teacher'>;
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
  readonly weight?: number;
  /** Instead of the alignment's teacher. */
  readonly teacher?: RefInput<'teacher'>;
  /** Of this term's own teacher. */
  readonly cache?: Partial<TeacherCache>;
}

/** Gives a recipe written in TypeScript its types. */
export function defineRecipe(recipe: RecipeInput): RecipeInput {
  return recipe;
}
