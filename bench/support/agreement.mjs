// Both sides must compute the same before their times mean anything.

/** The losses before any update and after one to five of them. */
export const AGREEMENT_STEPS = 6;

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

/** @throws Error where two sides differ by more than the tolerance, or one has fewer losses than the other. */
export function checkAgreement(name, ours, peer, tolerance) {
  const worst = largestDifference(ours, peer);
  if (worst.relative >= 0 && worst.relative <= tolerance) return worst;
  throw new Error(
    `${name} does not compute what we do: after ${worst.step} steps, ${worst.name} is ${worst.ours} here and ` +
      `${worst.peer} there, a relative difference of ${worst.relative}; ${tolerance} is allowed.`,
  );
}
