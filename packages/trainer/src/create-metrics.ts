import type { Recipe, RunScope } from '@hastejs/core';
import { HasteError, type Json, type Metric, type Ref, type TerminationTrigger } from '@hastejs/plugin-api';
import { canonicalJson } from './canonical-json.js';

/** The metrics of a run. */
export interface RunMetrics {
  /** Of the recipe: measured in both phases. */
  readonly metrics: readonly Metric[];
  /** Only the trigger's: nobody asks for them once it has fired. */
  readonly triggerMetrics: readonly Metric[];
}

/**
 * Creates the recipe's metrics and those that the trigger asks for. What both name with the same options is one metric.
 * @throws HasteError RECIPE_INVALID when two metrics yield a value of the same name.
 */
export async function createMetrics(
  run: RunScope,
  recipe: Recipe,
  trigger: TerminationTrigger | null,
): Promise<RunMetrics> {
  const keyOf = (ref: Ref) => canonicalJson(ref as unknown as Json);
  const known = new Set(recipe.metrics.map(keyOf));
  const wanted = new Map((trigger?.measures ?? []).map((ref) => run.resolve(ref)).map((ref) => [keyOf(ref), ref]));
  const metrics = await Promise.all(recipe.metrics.map((ref) => run.create(ref)));
  const missing = [...wanted].filter(([key]) => !known.has(key)).map(([, ref]) => ref);
  const triggerMetrics = await Promise.all(missing.map((ref) => run.create(ref)));
  refuseSameNames([...metrics, ...triggerMetrics]);
  return { metrics, triggerMetrics };
}

/** Who takes what is measured, at one moment of a run. */
export interface Takers {
  /** Whether the run has a logger: loggers take everything. */
  readonly logged: boolean;
  /** Names that the trigger watches; none once it has fired. */
  readonly watches: readonly string[];
}

/** The metrics that somebody wants now. What nobody takes is not measured: no tap, no forward pass. */
export function wantedMetrics({ metrics, triggerMetrics }: RunMetrics, { logged, watches }: Takers): readonly Metric[] {
  const watched = (metric: Metric) => metric.names.some((name) => watches.includes(`metric/${name}`));
  const ofTrigger = watches.length > 0 ? triggerMetrics : [];
  return [...(logged ? metrics : metrics.filter(watched)), ...ofTrigger.filter((metric) => logged || watched(metric))];
}

function refuseSameNames(metrics: readonly Metric[]): void {
  const names = metrics.flatMap((metric) => [...new Set(metric.names)]);
  const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  if (twice.length === 0) return;
  throw new HasteError('RECIPE_INVALID', {
    what: `Two metrics both yield ${twice.map((name) => `metric/${name}`).join(', ')}.`,
    where: 'metrics, alignment.until',
    fix: 'Give one of them another name in its options, or leave one out; those that a trigger asks for count too.',
  });
}
