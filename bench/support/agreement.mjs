// Both sides must compute the same before their times mean anything.

/** The losses before any update and after one to five of them. */
export const AGREEMENT_STEPS = 6;

/** Both sides compute in float32. */
const FLOAT32 = 1e-4;
/** bfloat16 has 8 bits of mantissa, and the two sides round in different places: 2^−8 at each, and a cosine near 0. */
const BFLOAT16 = 2e-2;

/** Two sides that compute something else. */
export class Disagreement extends Error {}

/**
 * The largest relative difference between two sides' losses, with its place.
 * @param ours losses by name, one record a step; every one of them is compared.
 * @returns {{ step: number, name: string, ours: number, peer: number, relative: number }}
 */
export function largestDifference(ours, peer) {
  let worst = { relative: -1 };
  for (const [step, losses] of ours.entries()) {
    for (const [name, value] of Object.entries(losses)) {
      const other = peer[step]?.[name];
      const relative = other === value ? 0 : Math.abs(value - other) / Math.abs(other);
      // A loss that the peer lacks, or NaN on either side, is never smaller than anything.
      if (!(relative <= worst.relative)) worst = { step, name, ours: value, peer: other, relative };
      if (Number.isNaN(worst.relative)) return worst;
    }
  }
  return worst;
}

/**
 * @param peer its name; bfloat16 is compared as such.
 * @returns the largest relative difference.
 * @throws Disagreement where the sides differ by more than is allowed, or the peer lacks one of our losses.
 */
export function checkAgreement(name, ours, peer) {
  const tolerance = name === 'bf16' ? BFLOAT16 : FLOAT32;
  const worst = largestDifference(ours, peer);
  if (worst.relative >= 0 && worst.relative <= tolerance) return worst.relative;
  throw new Disagreement(
    `${name} does not compute what we do: after ${worst.step} steps, ${worst.name} is ${worst.ours} here and ` +
      `${worst.peer} there, a relative difference of ${worst.relative}; ${tolerance} is allowed.`,
  );
}
