import { HasteError } from '@hastejs/plugin-api';
import type { DecodeOptions } from './messages.js';
import { DecodeThread, type Job } from './thread.js';
import { decodeWorkerUrl } from './worker-url.js';

/** While one image of a thread is in the codec, another can be resampled. */
const JOBS_PER_THREAD = 2;

/**
 * Decodes images off the main thread. Threads start with the first image and end with {@link dispose}; idle ones do not keep
 * the process alive.
 */
export class DecodePool {
  private readonly waiting: Job[] = [];
  private threads: DecodeThread[] = [];
  private ended: Error | null = null;
  private stopped: Promise<unknown> | null = null;
  private nextId = 0;

  /** @param url the worker's compiled module; another one only in tests. */
  constructor(
    private readonly options: DecodeOptions,
    private readonly size: number,
    private readonly url: URL = decodeWorkerUrl(),
  ) {}

  /**
   * Pixels uint8 [C, size, size] of an image file. The caller owns them.
   * @throws DecodeError if this file is at fault, HasteError if a decoding thread has crashed: then nothing more is decoded.
   */
  decode(path: string): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(this.ended);
      this.waiting.push({ id: this.nextId++, path, resolve, reject });
      this.schedule();
    });
  }

  /** Ends the threads and waits for their end; images still asked for are rejected. */
  dispose(): Promise<void> {
    return this.end(new Error('The image decoder was closed.'));
  }

  private schedule(): void {
    while (this.waiting.length > 0) {
      const thread = this.freeThread();
      if (!thread) return;
      thread.start(this.waiting.shift()!);
    }
  }

  private freeThread(): DecodeThread | undefined {
    const idle = this.threads.find(({ load }) => load === 0);
    if (idle) return idle;
    if (this.threads.length < this.size) {
      const events = { idle: () => this.schedule(), crashed: (error: Error) => void this.end(crash(error)) };
      const thread = new DecodeThread(this.url, this.options, events);
      this.threads.push(thread);
      return thread;
    }
    return this.threads.find(({ load }) => load < JOBS_PER_THREAD);
  }

  /** Once only: threads that are stopped exit as well, which is no crash. Whoever asks again waits for the same end. */
  private async end(error: Error): Promise<void> {
    if (!this.ended) {
      this.ended = error;
      const { threads, waiting } = this;
      this.threads = [];
      for (const job of waiting.splice(0)) job.reject(error);
      this.stopped = Promise.all(threads.map((thread) => thread.stop(error)));
    }
    await this.stopped;
  }
}

function crash(error: Error): HasteError {
  return new HasteError('EXTENSION_FAILED', {
    what: `An image decoding thread ended: ${error.message}.`,
    where: 'data/image-folder',
    fix: 'If memory ran out, use fewer workers or smaller images; otherwise the message names the cause.',
    cause: error,
  });
}
