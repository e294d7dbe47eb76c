import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PythonTorch, torchOfPython } from './python.js';
import type { Env } from './run.js';

/** The Python environment that the setup makes in its folder. */
export function ownVenv(home: string): string {
  return join(home, 'venv');
}

export function ownPython(home: string): string {
  return join(ownVenv(home), 'bin/python');
}

/**
 * Where PyTorch lies in the setup's environment. One whose installation did not end is none: its libraries may be there, and
 * be cut off.
 */
export async function ownTorch(home: string, env: Env, signal?: AbortSignal): Promise<PythonTorch> {
  if (!existsSync(ownVenv(home))) return { reason: 'there is none' };
  if (!existsSync(mark(home))) return { reason: 'its installation was interrupted' };
  return torchOfPython(ownPython(home), env, signal);
}

/** Says that PyTorch is in the environment, whole. */
export async function markInstalled(home: string): Promise<void> {
  await writeFile(mark(home), '');
}

export async function removeOwn(home: string): Promise<void> {
  // First, in case that removing the rest is interrupted.
  await rm(mark(home), { force: true });
  await rm(ownVenv(home), { recursive: true, force: true });
}

function mark(home: string): string {
  return join(ownVenv(home), 'haste-installed');
}
