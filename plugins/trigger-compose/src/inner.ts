import type { Json, MetricRef, TerminationTrigger } from '@hastejs/plugin-api';

/** What wrapped triggers need, together: every metric once. */
export function needsOf(inner: readonly TerminationTrigger[]): Pick<TerminationTrigger, 'watches' | 'measures'> {
  const measures = new Map<string, MetricRef>();
  for (const metric of inner.flatMap((trigger) => trigger.measures ?? [])) measures.set(JSON.stringify(metric), metric);
  return { watches: [...new Set(inner.flatMap(({ watches }) => watches))], measures: [...measures.values()] };
}

/** The state of a wrapper around one trigger. */
export type Wrapped = { readonly inner: Json };
