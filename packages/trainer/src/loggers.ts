import type { RunScope } from '@hastejs/core';
import { type JsonObject, type RunLogger, isHasteError } from '@hastejs/plugin-api';

interface Start {
  readonly folder: string;
  readonly recipe: JsonObject;
  readonly step: number;
}

/**
 * The loggers of a run. One that cannot start ends the run before its first step; later on a log never does: what one throws
 * is told once, and it is given the next step all the same.
 */
export class Loggers {
  private readonly failed = new Set<RunLogger>();

  constructor(
    private readonly loggers: readonly RunLogger[],
    private readonly run: Pick<RunScope, 'notices' | 'release'>,
  ) {}

  /** @throws what a logger throws. */
  async start(start: Start): Promise<void> {
    for (const logger of this.loggers) await logger.start?.(start);
  }

  scalars(step: number, values: Readonly<Record<string, number>>): void {
    for (const logger of this.loggers) {
      try {
        // Declared to answer nothing, but an async function fits that type, too.
        const writing = logger.scalars(step, values) as unknown;
        Promise.resolve(writing).catch((error: unknown) => this.failure(logger, error));
      } catch (error) {
        this.failure(logger, error);
      }
    }
  }

  /** Each is closed once; one that fails is told of, and keeps no other from closing. */
  async close(): Promise<void> {
    for (const logger of this.loggers) await this.run.release(logger);
  }

  private failure(logger: RunLogger, error: unknown): void {
    if (this.failed.has(logger)) return;
    this.failed.add(logger);
    const what = isHasteError(error) ? error.what : String(error);
    this.run.notices.warn(`${what} (The run goes on; further failures of this logger are not shown.)`);
  }
}
