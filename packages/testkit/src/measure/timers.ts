type Timer = ReturnType<typeof setTimeout>;
type Callback = (...values: unknown[]) => void;

/** Runs a function, and tells how many of the timers that it started neither fired nor were cleared by its end. */
export async function timersLeft<T>(f: () => Promise<T>): Promise<{ value: T; timers: number }> {
  const running = new Set<Timer | undefined>();
  const nodes = { setTimeout, setInterval, clearTimeout, clearInterval };
  const noted = {
    setTimeout: (callback: Callback, ms?: number, ...values: unknown[]) => {
      const timer: Timer = nodes.setTimeout(() => {
        running.delete(timer);
        callback(...values);
      }, ms);
      running.add(timer);
      return timer;
    },
    setInterval: (callback: Callback, ms?: number, ...values: unknown[]) => {
      const timer: Timer = nodes.setInterval(callback, ms, ...values);
      running.add(timer);
      return timer;
    },
    clearTimeout: (timer?: Timer) => {
      running.delete(timer);
      nodes.clearTimeout(timer);
    },
    clearInterval: (timer?: Timer) => {
      running.delete(timer);
      nodes.clearInterval(timer);
    },
  };
  const names = Object.keys(nodes) as (keyof typeof nodes)[];
  // Whoever calls promisify(setTimeout) meanwhile finds Node's own promise there.
  for (const name of names) Object.defineProperties(noted[name], Object.getOwnPropertyDescriptors(nodes[name]));
  Object.assign(globalThis, noted);
  try {
    return { value: await f(), timers: running.size };
  } finally {
    // What somebody else has put there meanwhile stays.
    const ours = names.filter((name) => globalThis[name] === (noted[name] as unknown));
    Object.assign(globalThis, Object.fromEntries(ours.map((name) => [name, nodes[name]])));
  }
}
