import { Worker } from 'node:worker_threads';
import type { Simd } from '../simd/instance.js';
import type { WasmMemory } from '../simd/webassembly.js';
import { BOARD, BOARD_BYTES, MAX_CALLS, finish, post, takeCalls } from './board.js';

/** Looks at the board, some 50 µs, before a thread goes to sleep: kernels come in quick succession. */
const SPINS = 20_000;
/** Calls a thread, so that one that is held up by the system holds up little. */
const CALLS_A_THREAD = 2;

/**
 * Threads that run kernels on one shared heap, beside the main thread. They start at the first use and keep no process
 * alive.
 */
export class ThreadPool {
  /** How many calls a job should have when all threads take part. */
  readonly calls: number;
  private workers: readonly Worker[] | null = null;
  private readonly names: readonly string[];
  private readonly board = new SharedArrayBuffer(BOARD_BYTES);
  private readonly fields = new Int32Array(this.board, 0, BOARD.argumentsAt / 4);
  private readonly args = new Float64Array(this.board, BOARD.argumentsAt);

  constructor(
    private readonly kernels: Simd,
    private readonly module: object,
    private readonly memory: WasmMemory,
    /** Including the main thread. */
    private readonly size: number,
  ) {
    this.names = Object.keys(kernels);
    this.calls = size === 1 ? 1 : Math.min(MAX_CALLS, size * CALLS_A_THREAD);
  }

  /** Runs a kernel once per list of arguments, in this thread and all others; returns when all are done. */
  run(kernel: keyof Simd, calls: readonly (readonly number[])[]): void {
    this.workers ??= Array.from({ length: this.size - 1 }, () => this.start());
    post(this.fields, this.args, this.names.indexOf(kernel), calls);
    takeCalls(this.fields, this.args, Object.values(this.kernels));
    if (!finish(this.fields, calls.length, SPINS)) throw new Error(`The wasm kernel '${kernel}' failed in a thread.`);
  }

  /** Ends the threads; the next `run` starts new ones. */
  async close(): Promise<void> {
    const ending = this.workers ?? [];
    this.workers = null;
    await Promise.all(ending.map((worker) => worker.terminate()));
  }

  private start(): Worker {
    const workerData = { module: this.module, memory: this.memory, board: this.board };
    const worker = new Worker(PROGRAM, { eval: true, workerData });
    // A thread that cannot start is no loss: whoever is there takes its calls.
    worker.on('error', () => undefined);
    worker.unref();
    return worker;
  }
}

/**
 * The program of a thread, as text: it runs from TypeScript, from the build and under a test runner alike, and there is no
 * file of its own that could be missing.
 */
const PROGRAM = `
const { workerData: { module, memory, board } } = require('node:worker_threads');
const BOARD = ${JSON.stringify(BOARD)};
${takeCalls.toString()}
const kernels = Object.values(new WebAssembly.Instance(module, { env: { memory } }).exports);
const fields = new Int32Array(board, 0, BOARD.argumentsAt / 4);
const args = new Float64Array(board, BOARD.argumentsAt);
for (;;) {
  const word = takeCalls(fields, args, kernels);
  for (let i = 0; i < ${SPINS} && Atomics.load(fields, BOARD.word) === word; i++);
  Atomics.wait(fields, BOARD.word, word);
}`;
