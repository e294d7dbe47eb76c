// B batch, b samples of a chunk, T tokens, D width (the student's where nothing else is said).
import { type Scalar, type Tensor, type Tensor3D, tf } from '@hastejs/tensor';

export interface Penalty {
  /** Differences of similarities up to it count nothing. */
  readonly margin: number;
  /** What the rest is raised to. */
  readonly power: 1 | 2;
}

/** PyTorch's F.normalize divides by max(‖x‖, 1e-12). */
const EPS = 1e-12;
/** Entries of the maps that are alive at once, 64 MiB each in float32: 256 images of 256 tokens, 16 of 1,024. */
const MOST_ENTRIES = 2 ** 24;

/**
 * mean over b, i, j of max(0, |S_ij − R_ij| − margin)^power, with S and R the cosines between every two tokens of the
 * student's image and of the teacher's. No gradient reaches the teacher.
 *
 * The gradient is formed in the forward pass, since but for the factor dy it is known there: no map [T, T] outlives its chunk
 * of samples, and all that is kept for the backward pass is one tensor like x. Three products of matrices in all, where
 * taking the composition apart needs four: S is symmetric, so one product has the gradient of both its sides.
 * @param atOnce samples in a chunk at most.
 */
export function relationPenalty(
  student_BTD: Tensor3D,
  teacher_BTD: Tensor3D,
  penalty: Penalty,
  atOnce = Math.max(1, Math.floor(MOST_ENTRIES / student_BTD.shape[1] ** 2)),
): Scalar {
  const [B, T] = student_BTD.shape;
  const run = tf.customGrad((...args) => {
    const [x_BTD, save] = args as unknown as [Tensor3D, (tensors: Tensor[]) => void];
    const parts: Part[] = [];
    for (let from = 0; from < B; from += atOnce) {
      const part = (x: Tensor3D) => (atOnce >= B ? x : tf.slice(x, from, Math.min(atOnce, B - from)));
      parts.push(tf.tidy(() => partOf(part(x_BTD), part(teacher_BTD), penalty)));
    }
    const [first, ...more] = parts.map(({ slope_bTD }) => slope_bTD);
    save([more.length === 0 ? first! : tf.concat([first!, ...more])]);
    const value = tf.div(tf.addN(parts.map(({ sum }) => sum)), B * T * T);
    return { value, gradFunc: (dy: Tensor, [slope]: Tensor[]) => tf.mul(slope!, tf.div(dy, B * T * T)) };
  });
  return run(student_BTD) as Scalar;
}

/** Of a chunk: the sum of the penalties, and its gradient. */
type Part = { sum: Tensor; slope_bTD: Tensor };

function partOf(x_bTD: Tensor3D, z_bTD: Tensor3D, penalty: Penalty): Part {
  const { unit, norm_bT1 } = normalized(x_bTD);
  const apart_bTT = tf.sub(similarities(unit), similarities(normalized(z_bTD).unit));
  const excess_bTT = tf.relu(tf.sub(tf.abs(apart_bTT), penalty.margin));
  // Σ_ij slope_ij·S_ij has x̂ᵢ on both sides: hence 2.
  const dUnit = tf.mul(tf.matMul(slopes(apart_bTT, excess_bTT, penalty), unit), 2);
  const tangent = tf.sub(dUnit, tf.mul(unit, tf.sum(tf.mul(dUnit, unit), -1, true)));
  const sum = tf.sum(penalty.power === 2 ? tf.square(excess_bTT) : excess_bTT);
  return { sum, slope_bTD: tf.div(tangent, norm_bT1) };
}

function normalized(x_bTD: Tensor3D): { unit: Tensor3D; norm_bT1: Tensor } {
  const norm_bT1 = tf.maximum(tf.sqrt(tf.sum(tf.square(x_bTD), -1, true)), EPS);
  return { unit: tf.div(x_bTD, norm_bT1), norm_bT1 };
}

/** S_ij = x̂ᵢ·x̂ⱼ, [b, T, T]. */
function similarities(unit_bTD: Tensor3D): Tensor3D {
  return tf.matMul(unit_bTD, unit_bTD, false, true);
}

/** Derivative of the penalty of one entry by its similarity. */
function slopes(apart_bTT: Tensor, excess_bTT: Tensor, { power }: Penalty): Tensor3D {
  const sign_bTT = tf.sign(apart_bTT);
  return (power === 2 ? tf.mul(tf.mul(excess_bTT, 2), sign_bTT) : tf.mul(tf.sign(excess_bTT), sign_bTT)) as Tensor3D;
}
