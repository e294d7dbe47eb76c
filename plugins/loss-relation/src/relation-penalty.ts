// B batch, T tokens, Dₛ and Dₜ widths of student and teacher.
import { type Scalar, type Tensor, type Tensor3D, tf } from '@hastejs/tensor';

export interface Penalty {
  /** Differences of similarities up to it count nothing. */
  readonly margin: number;
  /** What the rest is raised to. */
  readonly power: 1 | 2;
}

/** PyTorch's F.normalize divides by max(‖x‖, 1e-12). */
const EPS = 1e-12;

/**
 * mean over b, i, j of max(0, |S_ij − R_ij| − margin)^power, with S and R the cosines between every two tokens of the
 * student's image and of the teacher's. No gradient reaches the teacher.
 *
 * Two products of matrices forward and one backward, where taking the composition apart needs two: the gradient is
 * symmetric, so one product has both sides of S = X̂·X̂ᵀ. Alive between the passes are X̂, ‖x‖ and one map [B, T, T].
 */
export function relationPenalty(student_BTD: Tensor3D, teacher_BTD: Tensor3D, penalty: Penalty): Scalar {
  const run = tf.customGrad((...args) => {
    const [x_BTD, save] = args as unknown as [Tensor3D, (tensors: Tensor[]) => void];
    const { unit, norm_BT1 } = normalized(x_BTD);
    const apart_BTT = tf.sub(similarities(unit), similarities(normalized(teacher_BTD).unit));
    const excess_BTT = tf.relu(tf.sub(tf.abs(apart_BTT), penalty.margin));
    const value = tf.mean(penalty.power === 2 ? tf.square(excess_BTT) : excess_BTT);
    save([unit, norm_BT1, slopes(apart_BTT, excess_BTT, penalty)]);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor => {
      const [xHat, norm, slope_BTT] = saved as [Tensor, Tensor, Tensor];
      const dUnit = tf.matMul(slope_BTT, xHat);
      const tangent = tf.sub(dUnit, tf.mul(xHat, tf.sum(tf.mul(dUnit, xHat), -1, true)));
      // Σ_ij slope_ij·S_ij has x̂ᵢ on both sides: hence 2. The divisor is what `normalized` divided by.
      return tf.mul(tf.div(tangent, norm), tf.mul(dy, 2 / slope_BTT.size));
    };
    return { value, gradFunc };
  });
  return run(student_BTD) as Scalar;
}

function normalized(x_BTD: Tensor3D): { unit: Tensor3D; norm_BT1: Tensor } {
  const norm_BT1 = tf.maximum(tf.sqrt(tf.sum(tf.square(x_BTD), -1, true)), EPS);
  return { unit: tf.div(x_BTD, norm_BT1), norm_BT1 };
}

/** S_ij = x̂ᵢ·x̂ⱼ, [B, T, T]. */
function similarities(unit_BTD: Tensor3D): Tensor {
  return tf.matMul(unit_BTD, unit_BTD, false, true);
}

/** Derivative of the penalty of one entry by its similarity. */
function slopes(apart_BTT: Tensor, excess_BTT: Tensor, { power }: Penalty): Tensor {
  const sign_BTT = tf.sign(apart_BTT);
  return power === 2 ? tf.mul(tf.mul(excess_BTT, 2), sign_BTT) : tf.mul(tf.sign(excess_BTT), sign_BTT);
}
