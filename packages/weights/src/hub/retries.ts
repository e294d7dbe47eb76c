import { setTimeout as pause } from 'node:timers/promises';
import { HubFault } from './fault.js';

/** Waiting longer than this is a person's decision. */
const LONGEST = 120;
/** Seconds before the first to the last try again, where the hub does not say. */
const WAITS = [0.2, 1, 2, 5, 10];

export interface Retry {
  readonly reason: string;
  readonly seconds: number;
}

/** Counts what failed in a row, and waits in between. */
export class Retries {
  private failed = 0;

  constructor(
    private readonly most: number,
    private readonly signal: AbortSignal,
    private readonly onRetry: (retry: Retry) => void,
  ) {}

  /** Something arrived: the next failure is a new one. */
  succeed(): void {
    this.failed = 0;
  }

  /** Tells of something that is done over at once. */
  tell(reason: string): void {
    this.onRetry({ reason, seconds: 0 });
  }

  /** Waits until it may be tried again. @throws the error itself when it will not pass or has come too often. */
  async after(error: unknown): Promise<void> {
    if (!(error instanceof HubFault) || !error.passing || this.failed >= this.most) throw error;
    const seconds = error.details.retryAfter ?? WAITS[Math.min(this.failed, WAITS.length - 1)]!;
    if (seconds > LONGEST) throw error;
    this.failed += 1;
    this.onRetry({ reason: error.message, seconds });
    await pause(seconds * 1000, undefined, { signal: this.signal }).catch(() => this.signal.throwIfAborted());
  }

  /** Tries until it works. */
  async until<T>(attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const result = await attempt();
        this.succeed();
        return result;
      } catch (error) {
        await this.after(error);
      }
    }
  }
}
