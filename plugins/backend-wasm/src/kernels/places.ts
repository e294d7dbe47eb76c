/** Where each array's part begins that belongs to group `from` of a parallel kernel; steps are in floats a group. */
export const moved = (bases: readonly number[], steps: readonly number[], from: number): number[] =>
  bases.map((base, i) => base + 4 * from * steps[i]!);
