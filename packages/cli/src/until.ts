import type { RefInput } from '@hastejs/core';
import { HasteError, isHasteError } from '@hastejs/plugin-api';
import type { Engine } from './engine.js';

const SHORT = 'a number of steps, `never`, or a trigger';

/**
 * The end of phase I as a person writes it: a number of steps, `never` (null), or a trigger by id or as an object.
 * @throws HasteError USAGE
 */
export function readUntil({ parseRef }: Pick<Engine, 'parseRef'>, text: string): RefInput<'trigger'> | null {
  if (text === 'never') return null;
  if (/^\d+$/.test(text)) return stopAt(Number(text));
  try {
    return parseRef('trigger', text);
  } catch (cause) {
    throw new HasteError('USAGE', {
      what: `"${text}" does not say when alignment ends: ${SHORT} is expected.`,
      where: '--until',
      fix: `Write --until 300, --until never, or --until '{ id: trigger/plateau, with: { metric: align/feature } }'.`,
      cause,
    });
  }
}

/** The recipe of a run is whole: what does not fit came with the flag, and is told of the flag. */
export async function ofUntil<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const place = /^alignment\.until\b/gm;
    if (!isHasteError(error) || error.code !== 'RECIPE_INVALID' || !place.test(error.where ?? '')) throw error;
    throw new HasteError('RECIPE_INVALID', {
      what: 'The trigger does not fit.',
      where: error.where!.replace(place, '--until'),
      fix: '`haste plugins <id>` lists the options of a trigger.',
      cause: error,
    });
  }
}

export const stopAt = (step: number): RefInput<'trigger'> => ({
  kind: 'trigger',
  id: 'trigger/fixed',
  with: { step },
});
