import type { JsonObject } from './json.js';

/** Receives the run's scalars: a file, a dashboard. It never steers the run. */
export interface RunLogger {
  start?(run: { readonly folder: string; readonly recipe: JsonObject; readonly step: number }): void | Promise<void>;
  scalars(step: number, values: Readonly<Record<string, number>>): void;
  close(): void | Promise<void>;
}
