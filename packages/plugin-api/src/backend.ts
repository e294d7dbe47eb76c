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

/** A TensorFlow.js backend that a recipe or a flag can choose. Created once a process. */
export interface Backend {
  /** The TensorFlow.js backend name after activation: `cpu`, `wasm`, … */
  readonly name: string;
  /** Preference among available backends; the highest wins. cpu 0, wasm 10. */
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
}
