/** What a pure function never calls. */
const AMBIENT = [
  { name: 'Math.random()', owner: Math, key: 'random' },
  { name: 'Date.now()', owner: Date, key: 'now' },
  { name: 'performance.now()', owner: performance, key: 'now' },
  { name: 'crypto.randomUUID()', owner: globalThis.crypto, key: 'randomUUID' },
  { name: 'crypto.getRandomValues()', owner: globalThis.crypto, key: 'getRandomValues' },
  { name: 'new Date()', owner: globalThis, key: 'Date' },
] as const;

/** Runs a synchronous function and tells which of clock and chance it asked. They answer as ever. */
export function withoutAmbience(f: () => void): readonly string[] {
  const asked = new Set<string>();
  const restore = AMBIENT.map(({ name, owner, key }) => {
    const target = owner as unknown as Record<string, unknown>;
    const own = Object.getOwnPropertyDescriptor(target, key);
    const original = target[key] as (...values: unknown[]) => unknown;
    const noted =
      key === 'Date'
        ? datesNoted(asked, name)
        : function (this: unknown, ...values: unknown[]) {
            asked.add(name);
            return original.apply(owner, values);
          };
    Object.defineProperty(target, key, { value: noted, configurable: true, writable: true });
    return () => (own ? Object.defineProperty(target, key, own) : delete target[key]);
  });
  try {
    f();
  } finally {
    for (const back of restore.reverse()) back();
  }
  return [...asked];
}

/** `new Date(value)` is arithmetic; without a value it asks the clock. */
function datesNoted(asked: Set<string>, name: string): typeof Date {
  return new Proxy(Date, {
    construct: (target, values: []) => {
      if (values.length === 0) asked.add(name);
      return new target(...values);
    },
    apply: (target) => {
      asked.add(name);
      return target();
    },
  });
}
