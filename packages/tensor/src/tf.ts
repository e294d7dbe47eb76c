// The one file that imports TensorFlow.js for its side effects: gradients and chained ops (see scripts/bundle-tfjs.mjs).
import * as tf from '@tensorflow/tfjs-core';
import '#tfjs-gradients';

export { tf };
export type {
  DataType,
  GradSaveFunc,
  Rank,
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  TensorContainer,
  TensorInfo,
  TensorLike,
} from '@tensorflow/tfjs-core';
