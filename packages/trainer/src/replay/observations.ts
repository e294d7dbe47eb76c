import type { Observation } from '@hastejs/plugin-api';

export interface ObservationSource {
  readonly batchSize: number;
  /** Number of images of the data set. */
  readonly length: number;
  /** Names that the trigger watches. */
  readonly watches: readonly string[];
}

/** What a trigger sees at a step boundary: of all values, those that it watches. One function for live runs and replays. */
export function observe(
  { batchSize, length, watches }: ObservationSource,
  step: number,
  values: Readonly<Record<string, number>>,
): Observation {
  const imagesSeen = step * batchSize;
  const seen = watches.filter((name) => name in values);
  return {
    step,
    imagesSeen,
    epoch: imagesSeen / length,
    metrics: Object.fromEntries(seen.map((name) => [name, values[name]!])),
  };
}
