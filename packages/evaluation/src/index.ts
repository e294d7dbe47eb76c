export { CLASSIFIER_METADATA, Classifier, openClassifier, toInput } from './classifier.js';
export type { ClassifierSpec, Seen } from './classifier.js';
export { judge, judgeDataset, scoreSamples } from './evaluate.js';
export type { Judgement, LabelledImages, Score } from './evaluate.js';
export { frechetDistance } from './frechet.js';
export { networkFeatures, networkLogits, networkParameters } from './network.js';
export type { NetworkSpec } from './network.js';
export { FeatureStatistics } from './statistics.js';
export type { Moments } from './statistics.js';
