// N images, C classes.

/** Softmax of each row of logits, in float64. [N·C] */
export function softmaxRows(logits_NC: ArrayLike<number>, classes: number): Float64Array {
  const p_NC = Float64Array.from(logits_NC);
  for (let at = 0; at < p_NC.length; at += classes) {
    const row = p_NC.subarray(at, at + classes);
    const most = row.reduce((largest, value) => Math.max(largest, value), -Infinity);
    const sum = row.reduce((total, value) => total + Math.exp(value - most), 0);
    row.forEach((value, c) => (row[c] = Math.exp(value - most) / sum));
  }
  return p_NC;
}

/**
 * Inception score (Salimans et al. 2016): exp of the mean KL divergence of each image's class probabilities from their mean;
 * 1 when all images look alike, C when each is sure of its class and all classes are there. The mean over splits of `split`
 * images, the last of which may be smaller.
 * @param p_NC class probabilities, from `softmaxRows`.
 */
export function inceptionScore(p_NC: Float64Array, classes: number, split = 5000): number {
  const scores: number[] = [];
  for (let at = 0; at < p_NC.length; at += split * classes) {
    scores.push(scoreOf(p_NC.subarray(at, at + split * classes), classes));
  }
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

function scoreOf(p_NC: Float64Array, C: number): number {
  const N = p_NC.length / C;
  const mean_C = new Float64Array(C);
  p_NC.forEach((p, at) => (mean_C[at % C]! += p / N));
  const divergence = p_NC.reduce((sum, p, at) => sum + (p > 0 ? p * Math.log(p / mean_C[at % C]!) : 0), 0);
  return Math.exp(divergence / N);
}
