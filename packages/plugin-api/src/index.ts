export type {
  AlignmentLoss,
  AlignmentSpecs,
  AttentionAlignmentLoss,
  StudentLoss,
  TokenAlignmentLoss,
} from './alignment-loss.js';
export type { Backend, BackendReport, Precision, Recordable, Recording } from './backend.js';
export type { BatchItems, Dataset, ImageBatch } from './dataset.js';
export {
  KINDS,
  defineAlignmentLoss,
  defineBackend,
  defineDataset,
  defineLogger,
  defineMetric,
  defineOptimizer,
  defineSampler,
  defineStudent,
  defineTargetLayers,
  defineTeacher,
  defineTrigger,
} from './define.js';
export type {
  AnyExtension,
  Extension,
  ExtensionSource,
  Inject,
  Injected,
  Kind,
  Kinds,
  OptionsSchema,
  Ref,
  ScopeOf,
} from './define.js';
export { DEPRECATION_MARK, deprecated, deprecationText } from './deprecation.js';
export type { Deprecation } from './deprecation.js';
export { contentFingerprint } from './content-fingerprint.js';
export { ERROR_CODES } from './error-codes.js';
export type { ErrorCode } from './error-codes.js';
export { HasteError, isHasteError } from './errors.js';
export type { HasteErrorDetails } from './errors.js';
export { fromClass, inject } from './from-class.js';
export type { Json, JsonObject } from './json.js';
export type { RunLogger } from './logger.js';
export type { ComparedPair, GradientSource, Metric, MetricContext, ProbeBatch, SampleRequest } from './metric.js';
export type { Repeatable } from './repeatable.js';
export type { Optimizer, OptimizerState, OptimizerUpdate } from './optimizer.js';
export { PLUGIN_API_VERSION, definePlugin, foreignCopy } from './plugin.js';
export type { Plugin, PluginApiCopy } from './plugin.js';
export type { Guidance, PathCoefficients, Sampler, SamplingProblem, VelocityPair } from './sampler.js';
export { formatGrid, gridTokens, sameGrid } from './specs.js';
export type { DataSpec, ImageShape, StudentSpec, TeacherSpec, TokenGrid } from './specs.js';
export type { Student, StudentInput, StudentOutput } from './student.js';
export { NO_TAPS } from './taps.js';
export type { TapData } from './tap-data.js';
export type { QueryKey, TapValues, Taps, TokenSite } from './taps.js';
export type { LayerPair, TargetLayers } from './target-layers.js';
export type { EncodeContext, StudentMoment, TeacherEncoder } from './teacher.js';
export { REFERENCE_MARK, reference } from './reference.js';
export type { RefInput } from './reference.js';
export { Services } from './services.js';
export type { Extensions } from './services.js';
export { token } from './tokens.js';
export type { Files, Notices, Scope, Token } from './tokens.js';
export type { Decision, MetricRef, Observation, TerminationTrigger } from './trigger.js';
export { checkImages, checkedBlocks } from './probe-checks.js';
