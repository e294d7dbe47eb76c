// What both sides are told.
import { availableParallelism } from 'node:os';
import { BenchError } from '../errors.mjs';
import { findPython } from '../python.mjs';

/** A GPU's step wants one thread to launch; a few more serve what is done on the host. */
const THREADS = 8;

/** @throws BenchError where there is no peer. */
export async function settingsOf({ device, quick }) {
  const { command, reason } = await findPython();
  if (reason) throw new BenchError(reason);
  const threads = quick ? 1 : Math.min(THREADS, availableParallelism());
  return { backend: 'torch', python: command, device, threads };
}
