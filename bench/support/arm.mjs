// A side of a comparison: a process that lives for a whole case and takes steps when asked.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { BenchError, Refused } from './errors.mjs';

/** How much of a side's stderr is shown when it dies. */
const TAIL = 2000;

export class Arm {
  #child;
  #exited;
  #lines;
  #stderr = '';

  /** @param threads that libraries are told to use when they are loaded. */
  constructor(name, [command, ...args], threads) {
    this.name = name;
    this.#child = spawn(command, args, { stdio: 'pipe', env: { ...process.env, ...pinned(threads) } });
    this.#exited = once(this.#child, 'close');
    this.#child.stderr.on('data', (text) => (this.#stderr = (this.#stderr + text).slice(-TAIL)));
    // Writing to a side that has died fails; that its answers end tells more.
    this.#child.stdin.on('error', () => undefined);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /**
   * Waits until it is there.
   * @returns {Promise<{ about: string, notes: string[] }>} what it runs on.
   * @throws Refused with the side's own reason, or BenchError with the end of its stderr if it died.
   */
  ready() {
    return this.#next();
  }

  /** Takes steps: times in ms and losses by name, a list each, and the peak memory so far in bytes. */
  run(steps) {
    return this.#ask({ run: steps });
  }

  /** Whether a batch of so many rows fits into memory; if it does, it is the batch from here on, and its first losses are told. */
  fit(rows) {
    return this.#ask({ fit: rows });
  }

  /** What a step asks of the library: `calls` of operators and, of PyTorch on a GPU, `launches` of kernels. */
  calls() {
    return this.#ask({ calls: true });
  }

  /** Ends the process, and waits until its memory is free. */
  async close() {
    this.#child.stdin.end();
    await this.#exited;
  }

  /** Ours on a GPU: whether steps that are repeated from here on are one graph. */
  graphs(on) {
    return this.#ask({ graphs: on });
  }

  #ask(request) {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    return this.#next();
  }

  async #next() {
    const { value, done } = await this.#lines.next();
    if (done) throw new BenchError(`The side '${this.name}' ended before it answered:\n${this.#stderr}`);
    const answer = JSON.parse(value);
    if (answer.error !== undefined) throw new Refused(answer.error);
    return answer;
  }
}

/** The same for both sides, whatever library computes. */
function pinned(threads) {
  const names = ['OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'TF_NUM_INTRAOP_THREADS'];
  return Object.fromEntries(names.map((name) => [name, String(threads)]));
}
