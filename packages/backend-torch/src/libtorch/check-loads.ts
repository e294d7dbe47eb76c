import { HasteError } from '@hastejs/plugin-api';
import type { Libtorch } from './inspect.js';
import { type Env, run } from './run.js';

/**
 * Loads an addon in a process of its own: a library that is missing, or that crashes when it starts, ends that one only.
 * @throws HasteError BACKEND_UNAVAILABLE with the loader's words.
 */
export async function checkLoads(
  addon: string,
  libtorch: Pick<Libtorch, 'version'>,
  env: Env,
  signal?: AbortSignal,
): Promise<void> {
  const script = 'require(process.argv[1])';
  const { status, stderr } = await run(process.execPath, ['-e', script, addon], { env, signal, timeoutMs: 120_000 });
  if (status === 0) return;
  const reason = /^Error: (.*)$/m.exec(stderr)?.[1] ?? (stderr.trim().split('\n').at(-1) || 'the process was killed');
  throw new HasteError('BACKEND_UNAVAILABLE', {
    what: `The addon is built, but it does not load with libtorch ${libtorch.version}.`,
    where: reason,
    fix: fixFor(reason),
  });
}

function fixFor(reason: string): string {
  const missing = /(lib[\w.+-]+): cannot open shared object file/.exec(reason)?.[1];
  if (missing === undefined) return 'Start over (--fresh), or use another libtorch (--libtorch, --version).';
  const cuda = /^lib(cu|nv|nccl)/.test(missing);
  return `Install what brings ${missing}${cuda ? ", one of CUDA's libraries, or use a CPU build of libtorch" : ''}.`;
}
