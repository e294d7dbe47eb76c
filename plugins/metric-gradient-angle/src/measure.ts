import { type GradientSource, HasteError } from '@hastejs/plugin-api';
import { type Params, disposeParams } from '@hastejs/tensor';
import { cosineBetween } from './cosine.js';
import type { Part } from './parts.js';

/** One cosine for each time, by the name of the term and part: `feature`, `feature/block4`. */
export type Cosines = ReadonlyMap<string, readonly number[]>;

export interface Question {
  readonly terms: readonly string[];
  readonly times: readonly number[];
  /** The first one is all parameters that count. */
  readonly parts: readonly Part[];
}

/** The cosines on one batch. One alignment gradient is alive at a time; parts cost only the products within them. */
export async function cosinesOn(source: GradientSource, { terms, times, parts }: Question): Promise<Cosines> {
  const cosines = new Map<string, number[]>();
  for (const time of times) {
    const denoise = source.gradients('denoise', [time]);
    try {
      for (const term of terms) {
        const aligned = source.gradients(term, [time]);
        try {
          for (const [suffix, cosine] of await cosinesOf(term, denoise, aligned, parts)) {
            cosines.set(`${term}${suffix}`, [...(cosines.get(`${term}${suffix}`) ?? []), cosine]);
          }
        } finally {
          disposeParams(aligned);
        }
      }
    } finally {
      disposeParams(denoise);
    }
  }
  return cosines;
}

/** A block that the term's gradient does not reach has no angle, and is left out. */
async function cosinesOf(
  term: string,
  denoise: Params,
  aligned: Params,
  parts: readonly Part[],
): Promise<[suffix: string, cosine: number][]> {
  // A term may not count at this time at all: as where its gradient vanishes, it neither helps nor hinders.
  if (Object.keys(aligned).length === 0) return parts.map(({ suffix }) => [suffix, 0]);
  const shared = Object.keys(denoise).filter((name) => name in aligned);
  const cosines: [string, number][] = [];
  for (const { suffix, counts } of parts) {
    const names = shared.filter(counts);
    if (names.length > 0) cosines.push([suffix, await cosineBetween(denoise, aligned, names)]);
    else if (suffix === '') throw reachesNothing(term);
  }
  return cosines;
}

function reachesNothing(term: string): HasteError {
  return new HasteError('EXTENSION_OPTIONS', {
    what: `The gradient of "${term}" reaches none of the blocks given: they lie behind the term's last target layer.`,
    where: 'metric/gradient-angle, blocks',
    fix: 'Name blocks at or before the layers that the term aligns, or leave blocks out.',
  });
}
