import type { PathCoefficients } from '@hastejs/plugin-api';

/**
 * The score ∇log pₜ(x) from the velocity (METHOD section 5; SiT, equation 9), element by element:
 * ((α/α̇)·v − x) / (σ² − (α/α̇)·σ̇·σ). Not defined where α̇ or σ is 0: at t = 0.
 */
export function scoreFromVelocity(v: number, x: number, { alpha, sigma, dAlpha, dSigma }: PathCoefficients): number {
  const ratio = alpha / dAlpha;
  return (ratio * v - x) / (sigma ** 2 - ratio * dSigma * sigma);
}

/** Diffusion coefficient of the reverse SDE: w(t) = 2t. */
export const diffusionAt = (t: number): number => 2 * t;
