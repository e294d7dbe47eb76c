/**
 * Kernels that come from TensorFlow.js' cpu backend, by reason. None of them is used by Haste, nor by the gradient of an op
 * that is.
 */
const BY_REASON: Readonly<Record<string, readonly string[]>> = {
  'Strings stay in JavaScript: libtorch has none.': [
    'StaticRegexReplace',
    'StringNGrams',
    'StringSplit',
    'StringToHashBucketFast',
  ],
  'The shape of the result depends on the values, which must be read anyway.': [
    'BroadcastArgs',
    'RaggedGather',
    'RaggedRange',
    'RaggedTensorToTensor',
    'SparseFillEmptyRows',
    'SparseReshape',
    'Unique',
  ],
  'A loop that decides step by step: no operator of libtorch answers alike.': [
    'NonMaxSuppressionV3',
    'NonMaxSuppressionV4',
    'NonMaxSuppressionV5',
  ],
  "The numbers of TensorFlow.js' own generator, given a seed.": ['Multinomial'],
  'Rare, of small tensors, with rules for indices out of range that no operator shares.': [
    'Bincount',
    'DenseBincount',
    'SparseSegmentMean',
    'SparseSegmentSum',
    'SparseToDense',
  ],
  'Rare work on images, with rules at the border that no operator shares.': [
    'CropAndResize',
    'Dilation2D',
    'Dilation2DBackpropFilter',
    'Dilation2DBackpropInput',
    'Draw',
    'LRN',
    'LRNGrad',
    'MaxPoolWithArgmax',
    'RotateWithOffset',
    'Transform',
  ],
};

export const BORROWED_KERNELS: readonly string[] = Object.values(BY_REASON).flat();
