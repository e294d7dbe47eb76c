import type { Tensor } from '@hastejs/tensor';

/** What a probe of the machine found. */
export interface BackendReport {
  readonly available: boolean;
  /** For people: "WebAssembly SIMD, 1 thread", "NVIDIA H100". */
  readonly device: string;
  readonly version: string;
  /** Why it is not available, and how to get it. */
  readonly reason?: string;
  readonly fix?: string;
}

/**
 * What a step computes in. `bf16`: products and the activations between them are bfloat16; parameters, optimizer state,
 * statistics of norms, losses and softmax stay float32.
 */
export type Precision = 'float32' | 'bf16';

/** What a function that is recorded hands back. */
export interface Recordable {
  /** What it computed, or changed in place. */
  readonly outputs: readonly Tensor[];
  /** Tensors that it made from numbers which change from call to call: inputs, after those given. Alive at its end. */
  readonly lateInputs: readonly Tensor[];
}

/** What a function asked of its backend, noted, to be done again without JavaScript. */
export interface Recording {
  /** Where another recording of the same function parts from it; null: nowhere, so that repeating it does what calling would. */
  difference(other: Recording): string | null;
  /** Of each output that is an input, as it was or written in place, the input's index. */
  readonly kept: readonly (number | null)[];
  /**
   * Does it again, on inputs of the same shapes; bit for bit what calling the function would do.
   * @returns its outputs, null for each in `kept`; or why nothing was done: an input has another shape, somebody else sees
   * memory that would be written, a tensor of old is gone.
   */
  replay(inputs: readonly Tensor[]): readonly (Tensor | null)[] | string;
  dispose(): void;
}

/** A TensorFlow.js backend that a recipe or a flag can choose. Created once a process. */
export interface Backend {
  /** The TensorFlow.js backend name after activation: `cpu`, `wasm`, … */
  readonly name: string;
  /** Preference among available backends; the highest wins. cpu 0, tensorflow 8, wasm 10, torch 30. */
  readonly rank: number;
  /** Looks, changes nothing. */
  probe(): Promise<BackendReport>;
  /**
   * What the backend runs on, a fact a line, for `haste doctor`: files found or missing. It may take longer than a probe,
   * which every run waits for.
   */
  details?(): Promise<readonly string[]>;
  /** Registers and sets the TensorFlow.js backend. Calling it again is harmless. */
  activate(): Promise<void>;
  /** What it can compute in; absent: float32 only. */
  readonly precisions?: readonly Precision[];
  /** Runs `f`, which is synchronous, under a precision of `precisions`. */
  compute?<T>(precision: Precision, f: () => T): T;
  /**
   * Calls `f`, which is synchronous, and notes what it asks of the backend.
   * @param inputs tensors that will be others when it is repeated.
   * @returns the recording, or why there can be none: JavaScript read a value in between, say.
   */
  record?<R extends Recordable>(inputs: readonly Tensor[], f: () => R): { result: R; recording: Recording | string };
  /** Gives memory that it keeps for reuse back to the system: called when a run has let go of something large. */
  trim?(): void;
}
