import { type Env, run } from './run.js';

/**
 * Finds the package without importing it, which would take seconds. Without the working directory, where any folder called
 * `torch` would pass for the package.
 */
const FIND = `
import importlib.util, os, sys
sys.path = [folder for folder in sys.path if folder]
found = importlib.util.find_spec('torch')
print(os.path.dirname(found.origin) if found and found.origin else '')
`;

/** A look at one Python: the folder of its `torch`, or why there is none. */
export type PythonTorch = { readonly root: string } | { readonly reason: string };

/** Asks a Python (a command on the path, or a file) where its package `torch` lies. Takes some 20 ms. */
export async function torchOfPython(python: string, env: Env, signal?: AbortSignal): Promise<PythonTorch> {
  const { started, status, stdout, stderr } = await run(python, ['-c', FIND], { env, signal, timeoutMs: 30_000 });
  if (!started) return { reason: 'there is no such command' };
  if (status !== 0) return { reason: stderr.trim().split('\n').at(-1) || 'it does not run' };
  const root = stdout.trim();
  return root === '' ? { reason: 'it has no package torch' } : { root };
}
