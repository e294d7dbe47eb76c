export type { Params } from './params.js';
export type { Rng } from './rng.js';
export { tf } from './tf.js';
export type { Rank, Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, TensorLike } from './tf.js';
