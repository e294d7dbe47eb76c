import { resolve } from 'node:path';
import { type Libtorch, inspect } from './inspect.js';
import { ownTorch, ownVenv } from './own.js';
import { type PythonTorch, torchOfPython } from './python.js';
import type { Env } from './run.js';

/** Where a libtorch may be, in the order of preference. */
export type Place = 'LIBTORCH' | 'setup' | 'python' | 'system';

export interface Attempt {
  readonly place: Place;
  /** What was looked at: a folder or a command. */
  readonly at: string;
  readonly reason: string;
}

export interface Located {
  readonly found?: { readonly place: Place; readonly libtorch: Libtorch };
  /** What was looked at before, and why it will not do. */
  readonly rejected: readonly Attempt[];
}

export interface LocateOptions {
  readonly env: Env;
  readonly cwd: string;
  /** The folder of the setup (see home.ts): its `venv` is looked into. */
  readonly home: string;
  /** Where Debian's packages lie. */
  readonly system?: string;
  readonly signal?: AbortSignal | undefined;
}

interface Candidate {
  readonly place: Place;
  readonly at: string;
  /** Resolves to a folder that may be a libtorch, or to why there is none. */
  root(): Promise<PythonTorch>;
}

/**
 * Finds the libtorch to build on: the folder that the variable LIBTORCH names, the one that the setup installed, the package
 * `torch` of the Python on the path, Debian's libtorch-dev. If LIBTORCH is set, it is that one or none.
 */
export async function locate(options: LocateOptions): Promise<Located> {
  const rejected: Attempt[] = [];
  for (const { place, at, root } of candidates(options)) {
    const there = await root();
    const looked = 'root' in there ? inspect(there.root) : there;
    if ('libtorch' in looked) return { found: { place, libtorch: looked.libtorch }, rejected };
    rejected.push({ place, at: 'root' in there ? there.root : at, reason: looked.reason });
  }
  return { rejected };
}

function candidates({ env, cwd, home, system = '/usr', signal }: LocateOptions): Candidate[] {
  const folder = (place: Place, root: string): Candidate => ({ place, at: root, root: async () => ({ root }) });
  const python = (at: string): Candidate => ({ place: 'python', at, root: () => torchOfPython(at, env, signal) });
  if (env.LIBTORCH) return [folder('LIBTORCH', resolve(cwd, env.LIBTORCH))];
  return [
    { place: 'setup', at: ownVenv(home), root: () => ownTorch(home, env, signal) },
    python('python3'),
    python('python'),
    folder('system', system),
  ];
}

/** One line a rejected place: `LIBTORCH (/opt/torch): it has no lib/libtorch_cpu.so`. */
export function rejections({ rejected }: Located): string[] {
  return rejected.map(({ place, at, reason }) => `${NAMES[place]} (${at}): ${reason}`);
}

const NAMES: Readonly<Record<Place, string>> = {
  LIBTORCH: 'LIBTORCH',
  setup: "the setup's environment",
  python: 'Python on the path',
  system: "the system's libtorch-dev",
};
