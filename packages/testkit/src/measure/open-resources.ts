/** Resources that come and go by themselves: files being read, pipes of the process itself. */
const PASSING = new Set([
  'FSReqPromise',
  'FSReqCallback',
  'CloseReq',
  'Immediate',
  'TickObject',
  'Microtask',
  'TTYWrap',
  'PipeWrap',
  'Timeout',
]);

/** What keeps the process alive now, with a number each, so that one more of a type shows: `TCPSocketWrap (2)`. */
export function openResources(): readonly string[] {
  const kept = process.getActiveResourcesInfo().filter((type) => !PASSING.has(type));
  return numbered(kept);
}

/** Each name with how often it has come: two equal names are two entries. */
export function numbered(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const number = (seen.get(name) ?? 0) + 1;
    seen.set(name, number);
    return number === 1 ? name : `${name} (${number})`;
  });
}

/**
 * What is open now and was not `before`. Closing takes its time (a thread, a socket): it is waited for, up to `patience`
 * milliseconds.
 */
export async function leftOpen(before: readonly string[], patience = 1000): Promise<readonly string[]> {
  const end = performance.now() + patience;
  for (;;) {
    const left = openResources().filter((resource) => !before.includes(resource));
    if (left.length === 0 || performance.now() > end) return left;
    await new Promise((done) => setTimeout(done, 10));
  }
}
