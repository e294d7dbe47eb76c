export { valueAndGrads } from './autodiff.js';
export type { ValueAndGrads } from './autodiff.js';
export type { HasteKernel, HasteKernelName, HasteKernels } from './kernel-contracts.js';
export { gelu, quickGelu, silu } from './ops/activations.js';
export type { GeluForm } from './ops/activations.js';
export { attentionCrossEntropy } from './ops/attention-cross-entropy.js';
export { attention } from './ops/attention.js';
export { embedding } from './ops/embedding.js';
export { gatedAdd } from './ops/gated-add.js';
export { mergeHeads, splitHeads } from './ops/heads.js';
export { layerNormModulate } from './ops/layer-norm-modulate.js';
export { layerNorm } from './ops/layer-norm.js';
export type { LayerNormOptions } from './ops/layer-norm.js';
export { linear } from './ops/linear.js';
export { negativeCosine } from './ops/negative-cosine.js';

export { packedAttention, tappedAttention } from './ops/packed-attention.js';
export type { TappedAttention } from './ops/packed-attention.js';
export { packedQueryKey } from './ops/packed-query-key.js';
export { adamwUpdate } from './optimizer/adamw.js';
export type { AdamWResult, AdamWUpdate } from './optimizer/adamw.js';
export { clipByGlobalNorm, globalNorm } from './optimizer/clip.js';
export { emaUpdate } from './optimizer/ema.js';
export {
  cloneParams,
  countParams,
  disposeParams,
  mapParams,
  omitParams,
  pickParams,
  prefixParams,
  subParams,
} from './params.js';
export type { Params } from './params.js';
export { rng } from './random/rng.js';
export type { Rng } from './random/rng.js';
export { normalTensor, uniformTensor } from './random/tensors.js';
export { SafetensorsDraft } from './safetensors/draft.js';
export type { SafetensorsLayout } from './safetensors/draft.js';
export { float32ToBfloat16, float32ToFloat16 } from './safetensors/half.js';
export { SafetensorsError, bytesOfShape } from './safetensors/header.js';
export type { TensorEntry } from './safetensors/header.js';
export { hostFloats, paramsFromHost, paramsToHost } from './safetensors/host-tensor.js';
export type { HostData, HostTensor, SafetensorsDtype } from './safetensors/host-tensor.js';
export { readSafetensors, readSafetensorsHeader } from './safetensors/read.js';
export type { SafetensorsFile, SafetensorsHeader } from './safetensors/read.js';
export { writeSafetensors } from './safetensors/write.js';
export { StepClock } from './step-clock.js';
export type { StepNumber } from './step-clock.js';
export { withoutGradient } from './without-gradient.js';
export { tf } from './tf.js';
export type {
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
} from './tf.js';
