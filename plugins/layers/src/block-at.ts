/** The block, from 0, after which a fraction of the model's depth has run; the first one for smaller fractions. */
export function blockAt(fraction: number, blocks: number): number {
  return Math.max(0, Math.round(fraction * blocks) - 1);
}
