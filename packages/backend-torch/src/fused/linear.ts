// N rows, I inputs, O outputs.
import type { TensorInfo } from '@hastejs/tensor';
import { DTYPE, type Handle } from '../addon.js';
import type { KernelSet } from '../kernels/register.js';
import { type Own, scoped } from '../kernels/scope.js';
import type { Torch, TorchData } from '../torch.js';
import { type Product, plainProduct } from './products.js';

/** Below this many rows a product is bound by reading the weight: no use in rounding it first. */
const FEWEST_ROWS = 32;

interface Linear {
  readonly x: TensorInfo;
  readonly weight: TensorInfo;
  readonly bias?: TensorInfo;
}

/** Linear layers, in float32 or, under the policy of that name, in bfloat16 with float32 parameters and gradients. */
export const linearKernels =
  (product: Product): KernelSet =>
  (torch) => {
    const transpose = torch.operator('aten::t');
    const half = plainProduct(torch);
    const biasGradient = columnSums(torch);
    const rounds = ({ x, weight }: Linear): boolean =>
      torch.precision === 'bf16' && x.shape[0]! >= FEWEST_ROWS && Math.min(...weight.shape) >= FEWEST_ROWS;

    const forward = ({ x, weight, bias }: Linear): TensorInfo[] =>
      scoped(torch, (own) => {
        const biasHandle = bias ? torch.handle(bias) : null;
        if (!rounds({ x, weight })) {
          const weight_IO = own(transpose(torch.handle(weight)));
          return [torch.info(product(asFloat(torch, x, own), weight_IO, biasHandle))];
        }
        const weight_IO = own(transpose(rounded(torch, torch.data(weight))));
        const bias_O = bias ? rounded(torch, torch.data(bias)) : null;
        return [torch.info(half(asHalf(torch, x, own), weight_IO, bias_O))];
      });

    const backward = ({ dy, x, weight, bias }: Linear & { readonly dy: TensorInfo }): TensorInfo[] =>
      scoped(torch, (own) => {
        const rounding = rounds({ x, weight });
        const multiply = rounding ? half : product;
        const dy_NO = rounding ? asHalf(torch, dy, own) : asFloat(torch, dy, own);
        const x_NI = rounding ? asHalf(torch, x, own) : asFloat(torch, x, own);
        const weight_OI = rounding ? rounded(torch, torch.data(weight)) : torch.handle(weight);
        const gradients = [torch.info(multiply(dy_NO, weight_OI, null))];
        const weightGradient = multiply(own(transpose(dy_NO)), x_NI, null);
        gradients.push(torch.info(rounding ? torch.cast(own(weightGradient), DTYPE.float32) : weightGradient));
        if (bias) gradients.push(torch.info(biasGradient(dy_NO)));
        return gradients;
      });

    return { HasteLinear: forward, HasteLinearGrad: backward };
  };

/** Sums over the rows of [N, O], in float32. */
function columnSums(torch: Torch): (x_NO: Handle) => Handle {
  if (torch.device === 'cpu') return torch.operator('haste::bias_gradient');
  const sum = torch.operator('aten::sum', 'dim_IntList');
  return (x_NO) => sum(x_NO, [0], false, DTYPE.float32);
}

/** The handle as float32, whatever format the tensor is stored in. */
export function asFloat(torch: Torch, x: TensorInfo, own: Own): Handle {
  const { handle, dtype } = torch.data(x);
  return dtype === DTYPE.float32 ? handle : own(torch.cast(handle, DTYPE.float32));
}

/** The handle as bfloat16. */
export function asHalf(torch: Torch, x: TensorInfo, own: Own): Handle {
  const { handle, dtype } = torch.data(x);
  return dtype === DTYPE.bfloat16 ? handle : own(torch.cast(handle, DTYPE.bfloat16));
}

/** A parameter in bfloat16: made at its first use, kept until the optimizer writes the parameter. */
function rounded(torch: Torch, parameter: TorchData): Handle {
  parameter.half ??= torch.cast(parameter.handle, DTYPE.bfloat16);
  return parameter.half;
}
