// B batch, H heads, T tokens, d head size of the student, e of the teacher; N = B·H maps, n of them in a chunk.
import { fusedOp } from '../fused-op.js';
import { type Scalar, type Tensor, type Tensor3D, type Tensor4D, tf } from '../tf.js';
import { scaled } from './attention.js';

/** Logits of maps held at once: 16 MiB of float32. Small models run in one chunk, large ones map by map. */
const CHUNK_LOGITS = 2 ** 22;

const op = fusedOp<Record<never, never>, 'qs' | 'ks', 'qt' | 'kt'>({
  kernel: 'HasteAttentionCrossEntropy',
  inputs: ['qs', 'ks'],
  constants: ['qt', 'kt'],
  // A kernel may have kept the gradient with its output.
  saves: ['qs', 'ks', 'qt', 'kt', 'out'],
  forward: ({ qs, ks, qt, kt }) => {
    const sums = inChunks([qs, ks, qt, kt], (chunk) => tf.sum(rowEntropies(chunk)));
    return { out: tf.div(tf.addN(sums), rows(qs)) };
  },
  backward: ({ dy, qs, ks, qt, kt }) => {
    const perRow = tf.div(dy, rows(qs));
    const gradients = inChunks([qs, ks, qt, kt], (chunk) => chunkGradient(chunk, perRow));
    const whole = (chunks: readonly Tensor[]) => tf.reshape(tf.concat([...chunks]), qs.shape);
    return { qs: whole(gradients.map(({ dq }) => dq)), ks: whole(gradients.map(({ dk }) => dk)) };
  },
});

/** Of a chunk: student queries and keys [n, T, d], teacher queries and keys [n, T, e]. */
type Maps = readonly [qs: Tensor3D, ks: Tensor3D, qt: Tensor3D, kt: Tensor3D];

const rows = ({ shape: [B, H, T] }: Tensor): number => B! * H! * T!;
const logits = (q_nTd: Tensor, k_nTd: Tensor): Tensor => tf.matMul(scaled(q_nTd), k_nTd, false, true);

/**
 * CE of every row = logsumexp(As) − Σ Pt·As, since each row of Pt sums to one. The second term is q·(Pt·k)·d^−½, so the
 * student's map and the teacher's are never alive together. [n, T]
 */
function rowEntropies([qs, ks, qt, kt]: Maps): Tensor {
  const lse_nT = tf.tidy(() => tf.logSumExp(logits(qs, ks), -1));
  const meanKey_nTd = tf.tidy(() => tf.matMul(tf.softmax(logits(qt, kt)), ks));
  return tf.sub(lse_nT, tf.sum(tf.mul(scaled(qs), meanKey_nTd), -1));
}

/** ∂CE/∂As = softmax(As) − softmax(At), in every row. */
function chunkGradient([qs, ks, qt, kt]: Maps, perRow: Tensor): { dq: Tensor; dk: Tensor } {
  const g_nTT = tf.tidy(() => tf.mul(tf.sub(tf.softmax(logits(qs, ks)), tf.softmax(logits(qt, kt))), perRow));
  return { dq: scaled(tf.matMul(g_nTT, ks)), dk: tf.matMul(g_nTT, scaled(qs), true, false) };
}

function inChunks<R>(tensors_BHTx: readonly Tensor[], f: (maps: Maps) => R): R[] {
  const [B, H, T] = tensors_BHTx[0]!.shape as [number, number, number];
  const N = B * H;
  const size = Math.max(1, Math.floor(CHUNK_LOGITS / (T * T)));
  const tensors_NTx = tensors_BHTx.map((x) => tf.reshape(x, [N, T, x.shape[3]!]));
  const results: R[] = [];
  for (let from = 0; from < N; from += size) {
    const n = Math.min(size, N - from);
    const maps = () => tensors_NTx.map((x) => tf.slice(x, [from, 0, 0], [n, -1, -1])) as unknown as Maps;
    results.push(tf.tidy(() => f(maps()) as never));
  }
  return results;
}

interface QueriesAndKeys {
  readonly q_BHTd: Tensor4D;
  readonly k_BHTd: Tensor4D;
}

/**
 * HASTE's attention alignment for one pair of blocks (METHOD section 3): −Σ softmax(At)·logsoftmax(As) over keys, with
 * A = q·kᵀ·d^−½, mean over batch, heads and query rows. No gradient reaches the teacher; head sizes may differ. No
 * T×T map outlives its chunk.
 * @throws Error when batch, heads or tokens differ.
 */
export function attentionCrossEntropy(student: QueriesAndKeys, teacher: QueriesAndKeys): Scalar {
  const [B, H, T] = student.q_BHTd.shape;
  const all = [student.q_BHTd, student.k_BHTd, teacher.q_BHTd, teacher.k_BHTd];
  if (all.some(({ shape }) => shape[0] !== B || shape[1] !== H || shape[2] !== T)) {
    const shapes = all.map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
    throw new Error(
      `attentionCrossEntropy: batch, heads and tokens must agree; student q, k, teacher q, k are ${shapes}.`,
    );
  }
  const [qs, ks, qt, kt] = all as [Tensor4D, Tensor4D, Tensor4D, Tensor4D];
  return op({ qs, ks, qt, kt }, {}) as Scalar;
}
