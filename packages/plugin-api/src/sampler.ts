/** αₜ, σₜ and their derivatives: xₜ = αₜ·x₀ + σₜ·ε. */
export interface PathCoefficients {
  readonly alpha: number;
  readonly sigma: number;
  readonly dAlpha: number;
  readonly dSigma: number;
}

export interface VelocityPair {
  readonly conditional: Float32Array;
  readonly unconditional: Float32Array | null;
}

export interface Guidance {
  /** u + scale·(c − u); 1 is off. */
  readonly scale: number;
  /** Active while low ≤ t ≤ high. */
  readonly low: number;
  readonly high: number;
}

export interface SamplingProblem {
  /** State at t = 1: standard normal noise, flat [B·C·H·W]. */
  readonly start: Float32Array;
  /** The model's velocity at (x, t), rounded to float32; with `guided`, also for the null class. */
  velocity(x: Float64Array, t: number, guided: boolean): Promise<VelocityPair>;
  readonly path: (t: number) => PathCoefficients;
  readonly guidance: Guidance;
  /** The k-th standard normal draw of a stochastic sampler, flat like `start`. */
  noise(k: number): Float32Array;
  onStep?(done: number, total: number): void;
}

/** Integrates from noise (t = 1) to data (t = 0), state in float64. */
export interface Sampler {
  sample(problem: SamplingProblem): Promise<Float64Array>;
}
