/** The part of `process` that hears signals. */
export interface SignalSource {
  on(name: NodeJS.Signals, listener: () => void): unknown;
  off(name: NodeJS.Signals, listener: () => void): unknown;
}

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Stops listening: signals do again what they do to any process. */
  dispose(): void;
}

const NAMES = ['SIGINT', 'SIGTERM'] as const;

/**
 * One press can arrive twice: the terminal signals the whole process group, and npm forwards the signal to its child as
 * well. Within this time it is the same press.
 */
const SAME_PRESS_MS = 300;

/**
 * Turns the first Ctrl-C (or SIGTERM) into an abort: the work finishes its step and saves. Then the process stops
 * listening, so that a second one ends it by the system's own hand, whatever it waits for. Node hears neither while a step
 * computes: that is its only thread.
 */
export function interruptible(source: SignalSource, onFirst: (name: NodeJS.Signals) => void): Interrupt {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const listeners = NAMES.map((name) => [name, () => heard(name)] as const);
  const dispose = () => {
    clearTimeout(timer);
    for (const [name, listener] of listeners) source.off(name, listener);
  };
  function heard(name: NodeJS.Signals): void {
    if (controller.signal.aborted) return;
    timer = setTimeout(dispose, SAME_PRESS_MS);
    timer.unref();
    controller.abort();
    onFirst(name);
  }
  for (const [name, listener] of listeners) source.on(name, listener);
  return { signal: controller.signal, dispose };
}
