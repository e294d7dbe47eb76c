// N rows of the table, C width, B rows looked up.
import { fusedOp } from '../fused-op.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';

const op = fusedOp<{ rows: number }, 'table', 'ids'>({
  kernel: 'HasteEmbedding',
  inputs: ['table'],
  constants: ['ids'],
  saves: ['ids'],
  forward: ({ table, ids }) => ({ out: tf.gather(table, ids as Tensor1D) }),
  // One-hot times dy: rows that occur twice are summed, in the same order every time.
  backward: ({ dy, ids }, { rows }) => ({
    table: tf.matMul(tf.cast(tf.oneHot(ids, rows), 'float32') as Tensor2D, dy as Tensor2D, true, false),
  }),
});

/** Rows of a table by index: [N, C] and int32 [B] → [B, C]. Indices out of range are the caller's fault and unchecked. */
export function embedding(table_NC: Tensor, ids_B: Tensor): Tensor2D {
  return op({ table: table_NC, ids: ids_B }, { rows: table_NC.shape[0]! }) as Tensor2D;
}
