import type { Host, Recipe, RefInput } from '@hastejs/core';
import { HasteError, type Ref, Services, type TerminationTrigger } from '@hastejs/plugin-api';
import { endWhenSpent } from '../spent-weights.js';
import { type Replayed, replayTrigger } from './replay-trigger.js';
import type { RunLog } from './run-log.js';
import type { RunRecord } from './run-record.js';

/** Where a trigger would have fired in a run. */
export interface Replay {
  /** With every default filled in; null: alignment never ends by a trigger. */
  readonly until: Ref<'trigger'> | null;
  readonly fired: { readonly step: number; readonly reason: string } | null;
  readonly factors: Replayed['factors'];
  readonly watches: readonly string[];
  /** Names that it watches and that the log has nowhere. */
  readonly unmeasured: readonly string[];
  /** The last boundary at which it was asked, if it did not fire. */
  readonly asked: number;
}

/** The recipe with another end of phase I; null is none. */
export function withUntil(recipe: Recipe, until: RefInput<'trigger'> | null): Recipe {
  if (!recipe.alignment) {
    throw new HasteError('RECIPE_INVALID', {
      what: 'The run has no alignment, so there is nothing for a trigger to end.',
      where: 'alignment',
      fix: 'Use a run that aligns.',
    });
  }
  const { until: _before, ...alignment } = recipe.alignment;
  return { ...recipe, alignment: { ...alignment, ...(until !== null && { until }) } as Recipe['alignment'] };
}

/**
 * Asks a trigger over what a run logged, as if it had been the run's. Nothing is trained and no teacher is made. Only the
 * steps of phase I are asked: what a metric would have been after it, nobody knows.
 * @param until absent: the run's own.
 * @throws HasteError RECIPE_INVALID when the trigger does not fit the recipe.
 */
export async function replayRun(
  host: Host,
  record: RunRecord,
  log: RunLog,
  until: RefInput<'trigger'> | null | undefined = record.recipe.alignment?.until ?? null,
): Promise<Replay> {
  const recipe = host.resolve(withUntil(record.recipe, until));
  const made = await withTrigger(host, recipe, record, async (trigger) => {
    const asked = log.aligned;
    const source = { batchSize: recipe.batchSize, length: record.data.length };
    return { trigger, asked, ...replayTrigger(trigger, log.steps, source, asked) };
  });
  const { phase, factors, trigger, asked } = made;
  const watches = trigger?.watches ?? [];
  const measured = new Set([...log.steps.values()].flatMap((values) => Object.keys(values)));
  return {
    until: recipe.alignment?.until ?? null,
    fired: phase.kind === 'free' ? { step: phase.since, reason: phase.reason } : null,
    factors,
    watches,
    unmeasured: watches.filter((name) => !measured.has(name)),
    asked,
  };
}

/** Makes a recipe's trigger for as long as `use` runs, with the services that a run would give it. */
export async function withTrigger<T>(
  host: Host,
  recipe: Recipe,
  { baseDir, data }: Pick<RunRecord, 'baseDir' | 'data'>,
  use: (trigger: TerminationTrigger | null) => Promise<T>,
): Promise<T> {
  const run = host.openRun(recipe, baseDir);
  try {
    run.provide(Services.data, data);
    const ref = recipe.alignment?.until;
    run.provide(Services.student, (await run.create(recipe.student)).spec);
    return await use(endWhenSpent(ref ? await run.create(ref) : null, recipe.alignment));
  } finally {
    await run.close();
  }
}
