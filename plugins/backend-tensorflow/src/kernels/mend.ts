import type { NodeBackend } from '../load.js';
import { borrowKernels } from './borrow.js';
import { mendRound } from './round.js';

const mended = new WeakSet<object>();

/** Brings an official backend what it lacks and corrects what it gets wrong. Once a backend instance. */
export function mendKernels(backend: NodeBackend): void {
  if (mended.has(backend)) return;
  mended.add(backend);
  mendRound();
  borrowKernels();
}
