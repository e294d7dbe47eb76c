export type { FoundBackend } from './backends.js';
export { RunEvents } from './events.js';
export type { RunEventMap, RunEventName, RunListener } from './events.js';
export { contractFaults } from './contract.js';
export { unguarded } from './guard.js';
export { createHost } from './host.js';
export type { Host, HostOptions } from './host.js';
export { parseRef } from './inline-ref.js';
export { recipeJsonSchema } from './json-schema.js';
export { resolveFile } from './resolve-file.js';
export { readRecipe } from './recipe-file.js';
export type { RecipeFile } from './recipe-file.js';
export { defineRecipe } from './recipe.js';
export { timeBands } from './time-bands.js';
export type {
  AlignmentInput,
  AlignmentTerm,
  AlignmentTermInput,
  Recipe,
  RecipeInput,
  RefInput,
  TeacherCache,
  TermWeight,
  TimeBand,
  WeightSchedule,
  WeightScheduleInput,
} from './recipe.js';
export { Registry } from './registry.js';
export type { LoadOptions } from './load-plugins.js';
export type { LoadedPlugin, PluginOrigin, RefusedPlugin, Registered } from './registry.js';
export { resolvePackage as locatePackage } from './resolve-package.js';
export type { RunScope } from './run-scope.js';
