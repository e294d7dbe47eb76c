import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FILES, type Split } from './split.js';

/** Where Debian's package dataset-fashion-mnist puts the full set. */
export const SYSTEM_FOLDER = '/usr/share/datasets/fashion-mnist';

/** The part that comes with this package: 10,000 training and 2,000 test images. */
export const SHIPPED_FOLDER = fileURLToPath(new URL('../../assets/fashion-mnist', import.meta.url));

export type SourceChoice = 'auto' | 'shipped' | 'system';

export interface Source {
  readonly folder: string;
  /** Part of the data set's name, so that reports say what was trained on. */
  readonly label: string;
}

/** @param system the full set's folder; another one only in tests. */
export async function chooseSource(
  choice: SourceChoice,
  split: Split,
  dir?: string,
  system = SYSTEM_FOLDER,
): Promise<Source> {
  if (dir !== undefined) return { folder: dir, label: `from ${dir}` };
  if (choice === 'system' || (choice === 'auto' && (await holds(system, split)))) {
    return { folder: system, label: `from ${system}` };
  }
  return { folder: SHIPPED_FOLDER, label: 'the part shipped with Haste' };
}

async function holds(folder: string, split: Split): Promise<boolean> {
  const { images, labels } = FILES[split];
  const found = await Promise.allSettled([images, labels].map((name) => access(join(folder, `${name}.gz`))));
  return found.every(({ status }) => status === 'fulfilled');
}
