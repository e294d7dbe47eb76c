import type { Json, MetricRef, Observation, TerminationTrigger } from '@hastejs/plugin-api';

/** What a trigger sees in a made-up run, by step: values of the metrics that it watches; absent ones were not measured. */
export type Story = (step: number) => Readonly<Record<string, number>>;

export interface TriggerCase {
  /** What it sees; default: values that fall, rise again, are sometimes missing and sometimes NaN. */
  readonly story?: Story;
  /** Steps of the story: 1000. */
  readonly steps?: number;
  /** The step at which it must stop; `null`: it must not stop in the story. Absent: either is right. */
  readonly stopsAt?: number | null;
}

/** Values that fall until step 200 and rise again, with a wave on them; every third step nothing, sometimes NaN. */
export function defaultStory({ watches }: Pick<TerminationTrigger, 'watches'>): Story {
  return (step) => {
    if (step % 3 === 0) return {};
    const value = step % 17 === 5 ? NaN : Math.abs(step - 200) / 200 + 0.1 * Math.sin(step * 7.1);
    return Object.fromEntries(watches.map((name, i) => [name, i % 2 === 0 ? value - 0.5 : 0.01]));
  };
}

export const observationAt = (story: Story, step: number): Observation => ({
  step,
  epoch: step / 100,
  imagesSeen: step * 8,
  metrics: story(step),
});

/** An observation that notes which metrics are looked at. */
export function watched(observation: Observation, seen: Set<string>): Observation {
  const metrics = new Proxy(observation.metrics, {
    get: (target, name) => {
      if (typeof name === 'string') seen.add(name);
      return Reflect.get(target, name) as unknown;
    },
    has: (target, name) => {
      if (typeof name === 'string') seen.add(name);
      return Reflect.has(target, name);
    },
  });
  return { ...observation, metrics };
}

export const isMetricRef = (value: unknown): value is MetricRef => {
  const { kind, id, with: options } = (value ?? {}) as Partial<MetricRef>;
  return kind === 'metric' && typeof id === 'string' && typeof options === 'object' && options !== null;
};

export const jsonCopy = (value: Json): Json => JSON.parse(JSON.stringify(value)) as Json;
