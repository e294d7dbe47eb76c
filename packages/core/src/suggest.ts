/**
 * The candidate that a misspelt word most likely means, or undefined: one within a third of its length in edits, or one
 * that the word is the last part of (`sit` for `student/sit`).
 */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  const tail = candidates.find((candidate) => candidate.toLowerCase().endsWith(`/${word.toLowerCase()}`));
  if (tail !== undefined) return tail;
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: edits(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.max(word.length, candidate.length) / 3)
    .toSorted((a, b) => a.edits - b.edits);
  return ranked[0]?.candidate;
}

/** ` Did you mean "x"?` for the end of a sentence, or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const best = suggest(word, candidates);
  return best === undefined ? '' : ` Did you mean "${best}"?`;
}

/** Insertions, deletions, replacements and swaps of neighbours that make b of a (optimal string alignment). */
function edits(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? beforeLast[j - 2]! + 1 : Infinity;
      row.push(Math.min(replaced, last[j]! + 1, row[j - 1]! + 1, swapped));
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}
