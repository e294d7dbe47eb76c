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
  /** Gives memory that it keeps for reuse back to the system: called when a run has let go of something large. */
  trim?(): void;
}
