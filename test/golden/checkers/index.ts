import { type Checker } from '../runner/golden-case.js';
import { checkSit } from './sit.js';

/** Checkers by the beginning of the case names that they understand; the longest one that fits is used. */
export const CHECKERS: Readonly<Record<string, Checker>> = {
  sit_tiny: checkSit,
};

/** Kinds of which every case must be understood. */
export const REQUIRED = ['sit_', 'haste_loss', 'paths', 'train_steps', 'samplers', 'dinov2_', 'preprocessing'] as const;

/** Kinds that Haste does not have yet, with the reason that is shown. */
export const NOT_COVERED: Readonly<Record<string, string>> = {
  hf_: 'encoders under Hugging Face names are not part of Haste yet',
  mmdit_: 'the text-conditional student is not part of Haste yet',
  vae: 'the autoencoder is not part of Haste yet',
  metrics: 'evaluation is not part of Haste yet',
  crosscheck: 'not a case, but a report about the cases',
  MANIFEST: 'not a case, but the list of the files',
};
