// Both sides must compute the same before their times mean anything.
import { BenchError } from './errors.mjs';

/** The losses before any update and after one to five of them. */
export const AGREEMENT_STEPS = 6;

/** Both sides compute in float32. */
const FLOAT32 = 1e-4;
/** bfloat16 has 8 bits of mantissa, and the two sides round in different places. */
const BFLOAT16 = 5e-3;
/** Losses below count as this: a cosine near 0 is exact to a part of 1, not of itself. */
const FLOOR = 0.1;

/**
 * The largest relative difference between two sides' losses, with its place. A loss that the peer lacks, and what is not a
 * number, differ by NaN.
 * @param ours losses by name, one record a step; every one of them is compared.
 * @returns {{ step: number, name: string, ours: number, peer: number, relative: number }}
 */
export function largestDifference(ours, peer) {
  const all = ours.flatMap((losses, step) =>
    Object.entries(losses).map(([name, value]) => {
      const other = peer[step]?.[name] ?? NaN;
      const relative = Math.abs(value - other) / Math.max(Math.abs(other), FLOOR);
      return { step, name, ours: value, peer: other, relative };
    }),
  );
  return all.find(({ relative }) => Number.isNaN(relative)) ?? all.reduce((a, b) => (b.relative > a.relative ? b : a));
}

/**
 * @param peer its name; bfloat16 is compared as such.
 * @returns the largest relative difference.
 * @throws BenchError where the sides differ by more than is allowed.
 */
export function checkAgreement(peer, ours, theirs) {
  const allowed = peer.endsWith('bf16') ? BFLOAT16 : FLOAT32;
  const { step, name, relative, ...values } = largestDifference(ours, theirs);
  if (relative <= allowed) return relative;
  throw new BenchError(
    `${peer} does not compute what we do: after ${step} updates ${name} is ${values.ours} here and ${values.peer} there, ` +
      `a relative difference of ${relative.toPrecision(2)}, and ${allowed} is allowed.`,
  );
}
