// The one file that touches TensorFlow.js internals: the engine's gradient tape. tfjs-core is pinned to 4.22.0 for it.
import { type Tensor, tf } from './tf.js';

/** One recorded op. `gradient` maps the gradients of its outputs to one thunk per input. */
export interface TapeNode {
  readonly kernelName: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: readonly Tensor[];
  readonly gradient?: (dys: readonly (Tensor | null)[]) => Record<string, () => Tensor>;
  /** Kept clones that `gradient` reads; whoever walks the tape disposes them. */
  readonly saved?: readonly Tensor[];
}

interface EngineInternals {
  readonly state: { gradientDepth: number; kernelDepth: number; activeTape: TapeNode[] | null | undefined };
  startTape(): void;
  endTape(): void;
}

function internals(): EngineInternals {
  const engine = tf.engine() as unknown as Partial<EngineInternals>;
  const { state } = engine;
  const asExpected =
    typeof engine.startTape === 'function' &&
    typeof engine.endTape === 'function' &&
    typeof state?.gradientDepth === 'number' &&
    typeof state.kernelDepth === 'number';
  if (asExpected) return engine as EngineInternals;
  throw new Error(
    `This version of @tensorflow/tfjs-core (${tf.version_core}) keeps its gradient tape elsewhere: install 4.22.0, the one that Haste is pinned to.`,
  );
}

/**
 * Runs `f` with the gradient tape on and returns what it recorded.
 * @throws Error when a tape is already on: gradients of gradients are not supported.
 */
export function recordTape<T>(f: () => T): { result: T; tape: readonly TapeNode[] } {
  const engine = internals();
  if (engine.state.gradientDepth > 0)
    throw new Error('valueAndGrads cannot be nested in another gradient computation.');
  engine.startTape();
  let failed = true;
  try {
    const result = tf.tidy(() => f() as never) as T;
    failed = false;
    return { result, tape: engine.state.activeTape ?? [] };
  } finally {
    engine.endTape();
    if (failed) releaseSaved(engine.state.activeTape ?? []);
    engine.state.activeTape = null;
  }
}

/** Frees what the given ops saved for their gradients. */
export function releaseSaved(nodes: readonly TapeNode[]): void {
  for (const node of nodes) for (const tensor of node.saved ?? []) tensor.dispose();
}
