import { Worker } from 'node:worker_threads';
import type { DecodeFault, DecodeJob, DecodeOptions, DecodeReply } from './messages.js';

/** A file that could not be made into pixels. */
export class DecodeError extends Error {
  constructor(readonly fault: DecodeFault) {
    super(fault.reason);
  }
}

export interface Job extends DecodeJob {
  resolve(pixels_CHW: Uint8Array): void;
  reject(error: Error): void;
}

/** One decoding thread and the jobs it has. It keeps the process alive only while it has some. */
export class DecodeThread {
  private readonly worker: Worker;
  private readonly jobs = new Map<number, Job>();

  constructor(
    url: URL,
    options: DecodeOptions,
    private readonly events: { idle(): void; crashed(error: Error): void },
  ) {
    // Without the parent's flags: some, such as --input-type, are refused for files.
    this.worker = new Worker(url, { workerData: options, execArgv: [] });
    this.worker.unref();
    this.worker.on('message', (reply: DecodeReply) => this.receive(reply));
    this.worker.on('error', (error) => events.crashed(error));
    this.worker.on('exit', (code) => events.crashed(new Error(`it exited with code ${code}`)));
  }

  get load(): number {
    return this.jobs.size;
  }

  start(job: Job): void {
    if (this.jobs.size === 0) this.worker.ref();
    this.jobs.set(job.id, job);
    this.worker.postMessage({ id: job.id, path: job.path } satisfies DecodeJob);
  }

  /** Ends the thread; jobs it still has are rejected with `error`. */
  async stop(error: Error): Promise<void> {
    for (const job of this.jobs.values()) job.reject(error);
    this.jobs.clear();
    await this.worker.terminate();
  }

  private receive(reply: DecodeReply): void {
    const job = this.jobs.get(reply.id);
    if (!job) return;
    this.jobs.delete(reply.id);
    if (this.jobs.size === 0) this.worker.unref();
    if ('fault' in reply) job.reject(new DecodeError(reply.fault));
    else job.resolve(reply.pixels_CHW);
    this.events.idle();
  }
}
