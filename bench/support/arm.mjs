// A side of a comparison: a process that lives for a whole case and takes steps when asked.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a side said it cannot do, in its own words. */
export class Refused extends Error {}

/** How much of a side's stderr is shown when it dies. */
const TAIL = 2000;

export class Arm {
  #child;
  #lines;
  #stderr = '';

  /**
   * Starts a process and waits until it is ready.
   * @throws Refused with the side's reason, or Error with the end of its stderr if it died.
   */
  static async start(name, [command, ...args], threads) {
    const arm = new Arm(name, command, args, threads);
    Object.assign(arm, await arm.#next());
    return arm;
  }

  constructor(name, command, args, threads) {
    this.name = name;
    this.#child = spawn(command, args, { stdio: 'pipe', env: { ...process.env, ...pinned(threads) } });
    this.#child.stderr.on('data', (text) => (this.#stderr = (this.#stderr + text).slice(-TAIL)));
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Takes `steps` steps: times in ms and losses by name, a list each, and the peak memory so far in bytes. */
  async run(steps) {
    this.#child.stdin.write(`${JSON.stringify({ run: steps })}\n`);
    return this.#next();
  }

  /** Ends the process. */
  close() {
    this.#child.stdin.end();
  }

  async #next() {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.name} ended before it answered:\n${this.#stderr}`);
    const answer = JSON.parse(value);
    if (answer.error !== undefined) throw new Refused(`${this.name}: ${answer.error}`);
    return answer;
  }
}

/** Libraries read their number of threads when they are loaded; both sides have the same. */
function pinned(threads) {
  const names = ['OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'TF_NUM_INTRAOP_THREADS'];
  return Object.fromEntries(names.map((name) => [name, String(threads)]));
}
