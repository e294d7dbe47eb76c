// Sides take turns, so that a noisy machine is noisy for all of them.

/**
 * @param arms what has a `name` and `run(steps)`.
 * @param report told before every round.
 * @returns {Promise<Map<string, { ms: number[], peakBytes: number }>>} all times of each side by its name, and its peak.
 */
export async function interleave(arms, { rounds, turn }, report = () => undefined) {
  const results = new Map(arms.map(({ name }) => [name, { ms: [], peakBytes: 0 }]));
  for (let round = 0; round < rounds; round++) {
    report(round);
    // Each side is first, second, … equally often.
    for (let i = 0; i < arms.length; i++) {
      const arm = arms[(round + i) % arms.length];
      const { ms, peakBytes } = await arm.run(turn);
      const result = results.get(arm.name);
      result.ms.push(...ms);
      result.peakBytes = peakBytes;
    }
  }
  return results;
}
