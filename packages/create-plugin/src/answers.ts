import type { PluginKind } from './kinds.js';
import type { Licence } from './licences.js';
import type { Names } from './names.js';

/** All that has to be known to write a plugin. */
export interface Answers {
  readonly kind: PluginKind;
  readonly names: Names;
  readonly description: string;
  /** Holds the copyright. */
  readonly author: string;
  readonly license: Licence;
  /** Absolute path of the folder to write. */
  readonly folder: string;
}

export const defaultDescription = ({ template, words }: PluginKind): string => `A Haste ${words}: ${template}.`;
export const defaultAuthor = (packageName: string): string => `the authors of ${packageName}`;
