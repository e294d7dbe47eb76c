import type { z } from 'zod';
import type { AlignmentLoss } from './alignment-loss.js';
import type { Backend } from './backend.js';
import type { Dataset } from './dataset.js';
import type { Deprecation } from './deprecation.js';
import type { JsonObject } from './json.js';
import type { RunLogger } from './logger.js';
import type { Metric } from './metric.js';
import type { Optimizer } from './optimizer.js';
import type { Sampler } from './sampler.js';
import type { Student } from './student.js';
import type { TargetLayers } from './target-layers.js';
import type { TeacherEncoder } from './teacher.js';
import type { Scope, Token } from './tokens.js';
import type { TerminationTrigger } from './trigger.js';

/** Every extension point and the contract its extensions fulfil. */
export interface Kinds {
  teacher: TeacherEncoder;
  alignmentLoss: AlignmentLoss;
  targetLayers: TargetLayers;
  trigger: TerminationTrigger;
  metric: Metric;
  student: Student;
  dataset: Dataset;
  sampler: Sampler;
  optimizer: Optimizer;
  logger: RunLogger;
  backend: Backend;
}
export type Kind = keyof Kinds;

/** The scope an extension of each kind is created in. */
export type ScopeOf<K extends Kind> = K extends 'backend' ? 'process' : Scope;

/** An extension with its options, as plain data: what recipes are made of. */
export interface Ref<K extends Kind = Kind> {
  readonly kind: K;
  readonly id: string;
  readonly with: JsonObject;
}

export type Inject<S extends Scope = Scope> = Readonly<Record<string, Token<unknown, S>>>;
export type Injected<I extends Inject> = { readonly [N in keyof I]: I[N] extends Token<infer T> ? T : never };
export type OptionsSchema = z.ZodObject<z.ZodRawShape>;

/** What an author writes. */
export interface ExtensionSource<K extends Kind, O extends OptionsSchema, I extends Inject<ScopeOf<K>>> {
  /** Unique within its kind, `<prefix>/<name>`: `loss/feature`. */
  readonly id: string;
  /** One sentence for people. */
  readonly summary: string;
  /** A `z.strictObject`: unknown keys are errors. */
  readonly options: O;
  readonly inject?: I;
  /** Present when it will go: recipes that name it are told what to name instead. */
  readonly deprecated?: Deprecation;
  create(options: z.output<O>, services: Injected<I>): Kinds[K] | Promise<Kinds[K]>;
  /**
   * For teachers whose answers may be kept on disk: tells files that the answers depend on apart by their contents (see
   * `contentFingerprint`), without loading them. Called with the same services as `create`, and mostly instead of it.
   */
  fingerprint?(options: z.output<O>, services: Injected<I>): string | Promise<string>;
}

// {} is an object without any key: it fits when no option is required, also when there is none at all.
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
type OptionsArgument<O extends OptionsSchema> = {} extends z.input<O> ? [options?: z.input<O>] : [options: z.input<O>];

/** An extension: callable, giving plain data for a recipe, and carrying what core needs to create it. */
export interface Extension<K extends Kind = Kind, O extends OptionsSchema = OptionsSchema, I extends Inject = Inject> {
  (...options: OptionsArgument<O>): Ref<K>;
  readonly kind: K;
  readonly id: string;
  readonly summary: string;
  readonly options: O;
  readonly inject: I;
  readonly deprecated?: Deprecation;
  create(options: z.output<O>, services: Injected<I>): Kinds[K] | Promise<Kinds[K]>;
  fingerprint?(options: z.output<O>, services: Injected<I>): string | Promise<string>;
}
/** Any extension of a kind, whatever its options and services. */
export type AnyExtension<K extends Kind = Kind> = {
  readonly [P in K]: Omit<Extension<P>, 'create' | 'fingerprint' | 'options'> & {
    readonly options: z.ZodObject;
    // Method syntax: parameters are compared bivariantly, so every concrete extension fits.
    create(options: never, services: never): Kinds[P] | Promise<Kinds[P]>;
    fingerprint?(options: never, services: never): string | Promise<string>;
  };
}[K];

function definer<K extends Kind>(kind: K) {
  return <O extends OptionsSchema, const I extends Inject<ScopeOf<K>> = Record<never, never>>(
    source: ExtensionSource<K, O, I>,
  ): Extension<K, O, I> => {
    const reference = (options: object = {}): Ref<K> => ({ kind, id: source.id, with: { ...options } as JsonObject });
    const { id, summary, options, create, fingerprint, deprecated } = source;
    const inject = source.inject ?? ({} as I);
    const optional = {
      ...(fingerprint && { fingerprint }),
      ...(deprecated && { deprecated: Object.freeze({ ...deprecated }) }),
    };
    const own = { kind, id, summary, options, inject, create, ...optional };
    return Object.freeze(Object.assign(reference, own));
  };
}

export const defineTeacher = definer('teacher');
export const defineAlignmentLoss = definer('alignmentLoss');
export const defineTargetLayers = definer('targetLayers');
export const defineTrigger = definer('trigger');
export const defineMetric = definer('metric');
export const defineStudent = definer('student');
export const defineDataset = definer('dataset');
export const defineSampler = definer('sampler');
export const defineOptimizer = definer('optimizer');
export const defineLogger = definer('logger');
export const defineBackend = definer('backend');

export const KINDS = [
  'teacher',
  'alignmentLoss',
  'targetLayers',
  'trigger',
  'metric',
  'student',
  'dataset',
  'sampler',
  'optimizer',
  'logger',
  'backend',
] as const satisfies readonly Kind[];
