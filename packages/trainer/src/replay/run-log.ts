import type { Recipe } from '@hastejs/core';
import { HasteError } from '@hastejs/plugin-api';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a run wrote down of its steps. */
export interface RunLog {
  /** Values by name of each logged step, in order. A value that JSON cannot hold (NaN) is NaN again. */
  readonly steps: ReadonlyMap<number, Readonly<Record<string, number>>>;
  /** The last logged step; 0 when there is none. */
  readonly last: number;
  /** The last step that aligned, as far as the log goes. */
  readonly aligned: number;
  /** Whether no step before the last is missing. */
  readonly complete: boolean;
}

/** The file that the recipe's `logger/jsonl` writes; null when it has none. */
export function logFile(recipe: Pick<Recipe, 'loggers'>): string | null {
  const logger = recipe.loggers.find(({ id }) => id === 'logger/jsonl');
  return logger ? ((logger.with['file'] as string | undefined) ?? 'metrics.jsonl') : null;
}

/**
 * Reads the log of a run, finished or still going: a last line that is being written is left out.
 * @throws HasteError RUN_LOG_MISSING when there is none.
 */
export async function readRunLog(folder: string, recipe: Pick<Recipe, 'loggers'>): Promise<RunLog> {
  const file = logFile(recipe);
  const text = file === null ? null : await readFile(join(folder, file), 'utf8').catch(() => null);
  if (text === null) throw missing(folder, file);
  const steps = new Map<number, Record<string, number>>();
  for (const line of text.split('\n')) {
    const { step, ...values } = parsed(line);
    if (step === undefined) continue;
    steps.set(step, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? NaN])));
  }
  const last = [...steps.keys()].at(-1) ?? 0;
  const aligning = [...steps].filter(([, values]) => Object.keys(values).some((name) => name.startsWith('align/')));
  return { steps, last, aligned: aligning.at(-1)?.[0] ?? 0, complete: steps.size === last };
}

function parsed(line: string): { step?: number } & Record<string, number | null> {
  try {
    return JSON.parse(line) as { step: number };
  } catch {
    return {} as Record<string, never>;
  }
}

function missing(folder: string, file: string | null): HasteError {
  return new HasteError('RUN_LOG_MISSING', {
    what: file === null ? 'The run wrote no log of its steps.' : `The run has no ${file}.`,
    where: folder,
    fix: 'Train with `logger/jsonl` among the loggers (it is there by default).',
  });
}
