export {
  METADATA_KEY,
  STORAGES,
  dataOf,
  keysName,
  queriesName,
  teacherOf,
  tensorsOf,
  tokensName,
  totalRows,
} from './format.js';
export type { FeatureMetadata, FeatureSource, FeatureTensor, Storage, StorageDtype } from './format.js';
export { openFeatures } from './open.js';
export type { OpenFeatures } from './open.js';
export { FeatureReader } from './reader.js';
export type { Segment, StoredTensor } from './reader.js';
export { readFeatureHeader } from './scan.js';
export type { FeatureFile } from './scan.js';
export { cloneTaps, uploadTaps } from './upload.js';
export { narrow, writeFeatures } from './write.js';
