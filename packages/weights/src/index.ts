export { cachedWeights, hubCacheFolder } from './hub/cache-layout.js';
export { pullWeights } from './hub/pull.js';
export type { PullEvent, PullOptions } from './hub/pull-options.js';
export type { HubOptions } from './hub/settings.js';
export { readJsonBeside } from './json-beside.js';
export type { JsonRecord } from './json-beside.js';
export { openWeights } from './open-weights.js';
export type { OpenWeights, WeightFile } from './weight-file.js';
