// The largest batch that fits, by doubling, then bisecting.

/**
 * @param fits asks a side: (rows) => Promise<{ fits: boolean, reason?: string }>. What fits, fits with fewer rows, too.
 * @param unit rows that a batch is a multiple of, and the first one tried.
 * @param most rows beyond which nobody asks.
 * @param fineness where the search ends: when the next batch to try is larger by no more than this part.
 * @returns {Promise<{ rows: number, tried: number[], reason?: string }>} 0 rows where not even one unit fits; why the smallest that
 *   was tried in vain does not fit.
 */
export async function largestFit(fits, { unit, most, fineness = 1 / 16 }) {
  const tried = [];
  let [good, bad, reason] = [0, Infinity, undefined];
  const attempt = async (rows) => {
    tried.push(rows);
    const answer = await fits(rows);
    if (answer.fits) good = rows;
    else [bad, reason] = [rows, answer.reason];
  };
  while (bad === Infinity && good < most) await attempt(Math.min(most, good === 0 ? unit : 2 * good));
  while (bad < Infinity && bad - good > Math.max(unit, good * fineness)) {
    const middle = good + Math.floor((bad - good) / 2 / unit) * unit;
    if (middle === good) break;
    await attempt(middle);
  }
  return { rows: good, tried, reason };
}
