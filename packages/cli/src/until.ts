import type { RefInput } from '@hastejs/core';
import { HasteError } from '@hastejs/plugin-api';
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

export const stopAt = (step: number): RefInput<'trigger'> => ({
  kind: 'trigger',
  id: 'trigger/fixed',
  with: { step },
});
