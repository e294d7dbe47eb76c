import type { TensorInfo } from '@hastejs/tensor';
import type { Handle } from '../addon.js';
import type { Torch } from '../torch.js';
import type { Own } from './scope.js';

/** What TensorFlow.js fuses behind a product: its bias and its activation. */
export interface Epilogue {
  readonly activation?: string | null | undefined;
  readonly leakyreluAlpha?: number | undefined;
}

export interface EpilogueInputs {
  readonly bias?: TensorInfo | null | undefined;
  readonly preluActivationWeights?: TensorInfo | null | undefined;
}

/**
 * Makes `apply`: out = activation(y + bias). `y` is an intermediate that it takes over and writes in place. With `perChannel`
 * a list of numbers belongs to the channels, the axis before the last two.
 */
export function epilogue(torch: Torch) {
  const addInPlace = torch.operator('aten::add_', 'Tensor');
  const multiply = torch.operator('aten::mul', 'Tensor');
  const isNegative = torch.operator('aten::lt', 'Scalar');
  const where = torch.operator('aten::where', 'self');
  const leakyRelu = torch.operator('aten::leaky_relu');
  const clamp = torch.operator('aten::clamp');
  const plain = {
    relu: torch.operator('aten::relu_'),
    elu: torch.operator('aten::elu_'),
    sigmoid: torch.operator('aten::sigmoid_'),
  } as const;

  const reshape = torch.operator('aten::reshape');

  const place = (x: TensorInfo, perChannel: boolean, own: Own): Handle =>
    perChannel && x.shape.length === 1 ? own(reshape(torch.handle(x), [-1, 1, 1])) : torch.handle(x);

  return (y: Handle, inputs: EpilogueInputs, attrs: Epilogue, own: Own, perChannel = false): Handle => {
    const { bias, preluActivationWeights } = inputs;
    const { activation } = attrs;
    const biased = bias ? addInPlace(own(y), place(bias, perChannel, own)) : y;
    switch (activation) {
      case undefined:
      case null:
      case 'linear':
        return biased;
      case 'relu':
      case 'elu':
      case 'sigmoid':
        return plain[activation](own(biased));
      case 'relu6':
        return clamp(own(biased), 0, 6);
      case 'leakyrelu':
        return leakyRelu(own(biased), attrs.leakyreluAlpha ?? 0.2);
      case 'prelu': {
        const scaled = own(multiply(own(biased), place(preluActivationWeights!, perChannel, own)));
        return where(own(isNegative(biased, 0)), scaled, biased);
      }
      default:
        own(biased);
        throw new Error(`Activation ${activation} has not been implemented for the torch backend.`);
    }
  };
}
