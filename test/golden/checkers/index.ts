import type { Checker } from '../runner/golden-case.js';
import { checkDinov2 } from './dinov2.js';
import { checkHasteLoss } from './haste-loss.js';
import { checkHfText } from './hf-text.js';
import { checkHfVit } from './hf-vit.js';
import { checkMetrics } from './metrics.js';
import { checkPaths } from './paths.js';
import { checkPreprocessing } from './preprocessing.js';
import { checkSamplers } from './samplers.js';
import { checkSitInit } from './sit-init.js';
import { checkSit } from './sit.js';
import { checkTrainSteps } from './train-steps.js';

/** Checkers by the beginning of the case names that they understand; the longest one that fits is used. */
export const CHECKERS: Readonly<Record<string, Checker>> = {
  dinov2_: checkDinov2,
  haste_loss: checkHasteLoss,
  hf_: checkHfVit,
  hf_clip_text: checkHfText,
  metrics: checkMetrics,
  paths: checkPaths,
  preprocessing: checkPreprocessing,
  samplers: checkSamplers,
  sit_init: checkSitInit,
  sit_tiny: checkSit,
  train_steps: checkTrainSteps,
};

/** Kinds of which every case must be understood. */
export const REQUIRED = [
  'sit_',
  'haste_loss',
  'paths',
  'train_steps',
  'samplers',
  'dinov2_',
  'hf_',
  'preprocessing',
  'metrics',
] as const;

/** Kinds that Haste does not have yet, with the reason that is shown. */
export const NOT_COVERED: Readonly<Record<string, string>> = {
  mmdit_: 'the text-conditional student is not part of Haste yet',
  vae: 'the autoencoder is not part of Haste yet',
};
