// B batch, T tokens, D width, P pairs.
import type { ComparedPair } from '@hastejs/plugin-api';
import { type Scalar, attentionCrossEntropy, negativeCosine, tf } from '@hastejs/tensor';

/** How far one pair is apart on a batch. */
export interface PairDistance {
  /** Student block, from 0. */
  readonly block: number;
  readonly reads: ComparedPair['reads'];
  /** Mean cosine of tokens, or the mean KL divergence of a row of the student's map from the teacher's, in nats. */
  readonly value: number;
  /** Of the teacher's rows, in nats; 0 for tokens. */
  readonly entropy: number;
}

/**
 * Cosine of tokens as the feature loss takes it; cross-entropy of maps as the attention loss takes it, less its least value,
 * the teacher's own entropy H: KL = CE − H. No map outlives its chunk. Reads 2·P numbers back.
 * @param pairs made and used within one tidy.
 */
export async function pairDistances(pairs: () => readonly ComparedPair[]): Promise<PairDistance[]> {
  let known: readonly ComparedPair[] = [];
  const values_P2 = tf.tidy(() => {
    known = pairs();
    return tf.stack(known.flatMap(distanceOf));
  });
  const values = await values_P2.data();
  values_P2.dispose();
  return known.map(({ student, reads }, p) => {
    const [value, entropy] = [values[2 * p]!, values[2 * p + 1]!];
    return { block: student, reads, value, entropy };
  });
}

function distanceOf(pair: ComparedPair): [value: Scalar, entropy: Scalar] {
  if (pair.reads === 'tokens') return [tf.neg(negativeCosine(pair.student_BTD, pair.teacher_BTD)), tf.scalar(0)];
  const entropy = attentionCrossEntropy(pair.teacherMaps, pair.teacherMaps);
  return [tf.sub(attentionCrossEntropy(pair.studentMaps, pair.teacherMaps), entropy), entropy];
}
