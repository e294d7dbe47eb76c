// The board that threads share. A job is one kernel with several lists of arguments ("calls"); whoever is free takes the
// next call, so a thread that the system does not let run delays nobody.

/** int32 fields of the board, by index. */
export const BOARD = {
  /**
   * The number of the job, its calls, and how many of them are taken, in one word (16, 8 and 8 bits): taking a call is one
   * compare-and-swap, and a thread that comes late to a job cannot take a call of the next one.
   */
  word: 0,
  done: 1,
  failed: 2,
  kernel: 3,
  /** Arguments of every call. */
  count: 4,
  /** Floats between the arguments of two calls. */
  stride: 24,
  /** Where the arguments begin, in bytes. */
  argumentsAt: 32,
} as const;

export const MAX_CALLS = 64;
export const BOARD_BYTES = BOARD.argumentsAt + 8 * BOARD.stride * MAX_CALLS;

export type Kernels = readonly ((...args: number[]) => void)[];

/**
 * Takes and runs calls until none is left. Returns the word at which it gave up.
 * (The text of this function is also part of the threads' program, so it uses nothing but BOARD.)
 */
export function takeCalls(fields: Int32Array, args: Float64Array, kernels: Kernels): number {
  for (;;) {
    const word = Atomics.load(fields, BOARD.word);
    const taken = word & 0xff;
    if (taken >= ((word >> 8) & 0xff)) return word;
    if (Atomics.compareExchange(fields, BOARD.word, word, word + 1) !== word) continue;
    try {
      const from = taken * BOARD.stride;
      kernels[fields[BOARD.kernel]!]!(...args.subarray(from, from + fields[BOARD.count]!));
    } catch {
      Atomics.store(fields, BOARD.failed, 1);
    }
    Atomics.add(fields, BOARD.done, 1);
    Atomics.notify(fields, BOARD.done);
  }
}

/** Publishes a job. Only when every call of the last one is done. */
export function post(
  fields: Int32Array,
  args: Float64Array,
  kernel: number,
  calls: readonly (readonly number[])[],
): void {
  calls.forEach((call, i) => args.set(call, i * BOARD.stride));
  fields[BOARD.kernel] = kernel;
  fields[BOARD.count] = calls[0]!.length;
  fields[BOARD.failed] = 0;
  Atomics.store(fields, BOARD.done, 0);
  const job = (Atomics.load(fields, BOARD.word) >>> 16) + 1;
  Atomics.store(fields, BOARD.word, (job << 16) | (calls.length << 8));
  Atomics.notify(fields, BOARD.word);
}

/** Waits until all calls are done. @returns false if one of them failed. */
export function finish(fields: Int32Array, calls: number, spins: number): boolean {
  for (let i = 0; i < spins && Atomics.load(fields, BOARD.done) < calls; i++);
  for (;;) {
    const done = Atomics.load(fields, BOARD.done);
    if (done >= calls) return Atomics.load(fields, BOARD.failed) === 0;
    Atomics.wait(fields, BOARD.done, done);
  }
}
