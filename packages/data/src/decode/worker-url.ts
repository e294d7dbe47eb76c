/** The compiled worker. From sources (tests are transformed one by one, threads are not) it is the one last built. */
export function decodeWorkerUrl(): URL {
  const path = import.meta.url.endsWith('.ts') ? '../../dist/decode/worker.js' : './worker.js';
  return new URL(path, import.meta.url);
}
