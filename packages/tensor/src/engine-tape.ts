// The one file that touches TensorFlow.js internals: the engine's gradient tape. tfjs-core is pinned to 4.22.0 for it.
import { type Tensor, type TensorInfo, tf } from './tf.js';

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
  readonly backend: { incRef(dataId: object): void };
  startTape(): void;
  endTape(): void;
  isTapeOn(): boolean;
  makeTensorFromTensorInfo(info: TensorInfo): Tensor;
  addTapeNode(
    kernelName: string,
    inputs: Readonly<Record<string, Tensor>>,
    outputs: readonly Tensor[],
    gradient: (dy: Tensor, saved: readonly Tensor[]) => Record<string, () => Tensor>,
    saved: readonly Tensor[],
    attrs: object,
  ): void;
}

function internals(): EngineInternals {
  const engine = tf.engine() as unknown as Partial<EngineInternals>;
  const { state } = engine;
  const asExpected =
    typeof engine.startTape === 'function' &&
    typeof engine.endTape === 'function' &&
    typeof engine.addTapeNode === 'function' &&
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

export type KernelConfig = NonNullable<ReturnType<typeof tf.getKernel>>;
type Named = Readonly<Record<string, Tensor>>;

/** The active backend's kernel of a name. */
export function findKernel(name: string): KernelConfig | undefined {
  return tf.getKernel(name, tf.getBackend());
}

/** Runs a kernel without recording it: its outputs in order, owned by the current scope. */
export function callKernel({ kernelFunc }: KernelConfig, inputs: Named, attrs: object, engine = internals()): Tensor[] {
  const result = kernelFunc({ inputs, attrs: attrs as never, backend: engine.backend });
  if (!Array.isArray(result)) return [engine.makeTensorFromTensorInfo(result)];
  return result.map((info) => engine.makeTensorFromTensorInfo(info));
}

export interface KernelRun {
  readonly kernel: KernelConfig;
  /** What the kernel reads, by name. */
  readonly given: Named;
  /** Those of `given` that gradients flow to. */
  readonly inputs: Named;
  readonly attrs: object;
  /** What the gradient reads: tensors of `given`, outputs of the kernel, or both. */
  saved(outputs: readonly Tensor[]): readonly Tensor[];
  gradient(dys: readonly Tensor[], saved: readonly Tensor[]): Record<string, () => Tensor>;
  /** How many of the kernel's outputs are the op's; the others are for its gradient alone. Default: 1. */
  readonly results?: number;
}

/**
 * Runs a kernel of the active backend and records it; returns the op's results. The same as an op with a gradient of its own
 * (tf.customGrad) at a fraction of the cost: no scope, no clone by a kernel, no tensor that nobody reads.
 */
export function recordKernel(run: KernelRun): Tensor[] {
  const { kernel, given, inputs, attrs, saved, gradient, results = 1 } = run;
  const engine = internals();
  const outputs = callKernel(kernel, given, attrs, engine);
  const out = outputs.length === results ? outputs : outputs.slice(0, results);
  if (!engine.isTapeOn()) {
    for (let i = results; i < outputs.length; i++) outputs[i]!.dispose();
    return out;
  }
  const kept = saved(outputs).map((tensor) => {
    if (outputs.indexOf(tensor) >= results) return tf.keep(tensor);
    engine.backend.incRef(tensor.dataId);
    return tf.keep(engine.makeTensorFromTensorInfo(tensor));
  });
  for (let i = results; i < outputs.length; i++) if (!outputs[i]!.kept) outputs[i]!.dispose();
  // The engine hands over a list of gradients only where there are several.
  const one = (dy: Tensor, kept: readonly Tensor[]) => gradient([dy], kept);
  engine.addTapeNode(kernel.kernelName, inputs, out, results === 1 ? one : (gradient as never), kept, attrs);
  return out;
}

/** Frees what the given ops saved for their gradients. */
export function releaseSaved(nodes: readonly TapeNode[]): void {
  for (const node of nodes) for (const tensor of node.saved ?? []) tensor.dispose();
}
