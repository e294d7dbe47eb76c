import { tf } from '@hastejs/tensor';

const K = 20;
const CHUNK = 200;

/** Share of probes whose k nearest neighbours in the bank, by cosine, vote for the probe's own label. */
export function knnAccuracy(bank, probes) {
  const bank_ND = unitRows(bank.rows);
  let correct = 0;
  for (let from = 0; from < probes.rows.length; from += CHUNK) {
    const indices_nK = tf.tidy(() => {
      const probes_nD = unitRows(probes.rows.slice(from, from + CHUNK));
      return tf.topk(tf.matMul(probes_nD, bank_ND, false, true), K).indices.dataSync();
    });
    for (let i = 0; i < indices_nK.length / K; i++) {
      const votes = new Array(10).fill(0);
      for (const index of indices_nK.subarray(i * K, (i + 1) * K)) votes[bank.labels[index]]++;
      correct += Number(votes.indexOf(Math.max(...votes)) === probes.labels[from + i]);
    }
  }
  bank_ND.dispose();
  return correct / probes.rows.length;
}

function unitRows(rows) {
  return tf.tidy(() => {
    const x_ND = tf.tensor2d(
      rows.flatMap((row) => [...row]),
      [rows.length, rows[0].length],
    );
    return tf.div(x_ND, tf.norm(x_ND, 'euclidean', 1, true));
  });
}
