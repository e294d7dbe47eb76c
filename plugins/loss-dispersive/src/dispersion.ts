// B samples of a batch, N = T·D features of one.
import { type Scalar, type Tensor, type Tensor2D, tf } from '@hastejs/tensor';

/** How far two samples are apart, and what its gradient does to the samples. */
interface Distance {
  /** D [B, B], symmetric, and what `pull` reads besides. */
  measure(z_BN: Tensor2D): { apart_BB: Tensor; saved: Tensor[] };
  /** The gradient for z, given that for D, which is symmetric. */
  pull(slope_BB: Tensor, saved: readonly Tensor[]): Tensor;
}

/** What the distances of a batch cost, with the derivative by each. */
type Cost = (apart_BB: Tensor) => { value: Tensor; slope_BB: Tensor };

/**
 * cost(distances of z), with one product of matrices [B, N]·[N, B] forward and one [B, B]·[B, N] backward. Between the
 * passes one copy of z is alive.
 */
export function dispersion(z_BN: Tensor2D, distance: Distance, cost: Cost): Scalar {
  const run = tf.customGrad((...args) => {
    const [z, save] = args as unknown as [Tensor2D, (tensors: Tensor[]) => void];
    const { apart_BB, saved } = distance.measure(z);
    const { value, slope_BB } = cost(apart_BB);
    save([slope_BB, ...saved]);
    const gradFunc = (dy: Tensor, [slope, ...rest]: Tensor[]): Tensor => distance.pull(tf.mul(slope!, dy), rest);
    return { value, gradFunc };
  });
  return run(z_BN) as Scalar;
}

/**
 * ‖zᵢ − zⱼ‖² / N, from inner products. The batch's mean is taken off first: it changes no distance, and without it what
 * all samples share (positions, above all) would cost the digits in which they differ.
 */
export const squaredDistance: Distance = {
  measure: (z_BN) => {
    const centred = tf.sub(z_BN, tf.mean(z_BN, 0, true)) as Tensor2D;
    const inner_BB = tf.div(tf.matMul(centred, centred, false, true), z_BN.shape[1]);
    const square_B1 = tf.div(tf.sum(tf.square(centred), 1, true), z_BN.shape[1]);
    const sum_BB = tf.add(square_B1, tf.transpose(square_B1));
    // Rounding may take it below zero where samples are close.
    return { apart_BB: tf.relu(tf.sub(sum_BB, tf.mul(inner_BB, 2))), saved: [centred] };
  },
  pull: (slope_BB, [z]) => {
    const own = tf.mul(z!, tf.sum(slope_BB, 1, true));
    return tf.mul(tf.sub(own, tf.matMul(slope_BB, z! as Tensor2D)), 4 / z!.shape[1]!);
  },
};

/** −cos(zᵢ, zⱼ), in [−1, 1]. */
export const negativeCosineDistance: Distance = {
  measure: (z_BN) => {
    const norm_B1 = tf.maximum(tf.sqrt(tf.sum(tf.square(z_BN), 1, true)), 1e-12);
    const unit = tf.div(z_BN, norm_B1) as Tensor2D;
    return { apart_BB: tf.neg(tf.matMul(unit, unit, false, true)), saved: [unit, norm_B1] };
  },
  pull: (slope_BB, [unit, norm_B1]) => {
    const dUnit = tf.mul(tf.matMul(slope_BB, unit! as Tensor2D), -2);
    const tangent = tf.sub(dUnit, tf.mul(unit!, tf.sum(tf.mul(dUnit, unit!), 1, true)));
    return tf.div(tangent, norm_B1!);
  },
};

/** log mean over i, j of exp(−D_ij/τ): a sample's distance to itself counts, as in the paper's matrices. */
export function infoNce(temperature: number): Cost {
  return (apart_BB) => {
    const logits = tf.reshape(tf.div(apart_BB, -temperature), [-1]);
    const share_BB = tf.reshape(tf.softmax(logits), apart_BB.shape);
    const value = tf.sub(tf.logSumExp(logits), Math.log(apart_BB.size));
    return { value, slope_BB: tf.div(share_BB, -temperature) };
  };
}

/** mean over i, j of max(0, margin − D_ij)². */
export function hinge(margin: number): Cost {
  return (apart_BB) => {
    const short_BB = tf.relu(tf.sub(margin, apart_BB));
    return { value: tf.mean(tf.square(short_BB)), slope_BB: tf.mul(short_BB, -2 / apart_BB.size) };
  };
}
