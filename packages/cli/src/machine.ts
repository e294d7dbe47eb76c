import { arch, cpus, freemem, release, totalmem, type } from 'node:os';

/** What `haste doctor` says of the machine, apart from backends and data. */
export interface Machine {
  readonly node: { readonly version: string; readonly needed: string; readonly ok: boolean };
  readonly cpu: { readonly count: number; readonly model: string };
  /** Bytes. */
  readonly memory: { readonly total: number; readonly free: number };
  readonly platform: string;
}

const NEEDED = '20.19';

export function inspectMachine(version = process.version): Machine {
  const found = cpus();
  return {
    node: { version, needed: NEEDED, ok: isAtLeast(version, NEEDED) },
    cpu: { count: found.length, model: found[0]?.model.trim() ?? 'unknown' },
    memory: { total: totalmem(), free: freemem() },
    platform: `${type()} ${release()} ${arch()}`,
  };
}

/** `v20.20.2` against `20.19`; what is not given counts as 0. */
export function isAtLeast(version: string, needed: string): boolean {
  const parts = (text: string) =>
    text
      .replace(/^v/, '')
      .split('.')
      .map((part) => Number.parseInt(part, 10));
  const [have, want] = [parts(version), parts(needed)];
  for (let index = 0; index < 3; index++) {
    const difference = (have[index] ?? 0) - (want[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
