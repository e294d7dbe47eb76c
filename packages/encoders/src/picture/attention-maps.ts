// H heads, N tokens with class and registers, T patch tokens, d head size.
import { type VitSpec, prefixTokens } from '@hastejs/models';
import { HasteError, type QueryKey } from '@hastejs/plugin-api';
import { type Tensor4D, tf } from '@hastejs/tensor';

export interface AttentionMap {
  readonly head: number;
  /** Share of the attention that each patch gets, [T]; what class and register tokens get is left out. */
  readonly share_T: Float32Array;
}

/**
 * Where heads of a block look, for the first image of a batch: from the class token, or, in an encoder that has none, from
 * all patches on average. Rows of softmax(q·kᵀ·d^−½) over all tokens.
 * @throws HasteError LAYERS_INVALID for a head that the encoder does not have.
 */
export async function attentionMaps(
  spec: VitSpec,
  { q_BHTd: q_BHNd, k_BHTd: k_BHNd }: QueryKey,
  heads: readonly number[],
): Promise<readonly AttentionMap[]> {
  const wrong = heads.find((head) => head < 0 || head >= spec.numHeads);
  if (wrong !== undefined) {
    throw new HasteError('LAYERS_INVALID', {
      what: `This encoder has no head ${wrong}.`,
      where: 'attention maps',
      fix: `Name heads from 0 to ${spec.numHeads - 1}.`,
    });
  }
  const maps: AttentionMap[] = [];
  for (const head of heads) {
    const share = tf.tidy(() => {
      const of = (x_BHNd: Tensor4D, from: number, count: number) =>
        tf.reshape(tf.slice(x_BHNd, [0, head, from, 0], [1, 1, count, -1]), [-1, x_BHNd.shape[3]]);
      const prefix = prefixTokens(spec);
      const query = spec.classToken ? of(q_BHNd, 0, 1) : of(q_BHNd, prefix, -1);
      const logits = tf.mul(tf.matMul(query, of(k_BHNd, 0, -1), false, true), k_BHNd.shape[3] ** -0.5);
      return tf.slice(tf.mean(tf.softmax(logits), 0), [prefix], [-1]);
    });
    maps.push({ head, share_T: (await share.data()) as Float32Array });
    share.dispose();
  }
  return maps;
}
