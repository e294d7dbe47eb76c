// N rows, I inputs, O outputs.
import type { TensorInfo } from '@hastejs/tensor';
import { DTYPE, type Handle } from '../addon.js';
import type { KernelSet } from '../kernels/register.js';
import { type Own, scoped } from '../kernels/scope.js';
import type { Torch, TorchData } from '../torch.js';
import type { Product } from './products.js';

/** Below this many rows or columns a product is bound by reading the weight: no use in rounding it first. */
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
    const forward = torch.operator('haste::linear');
    const backward = torch.operator<(Handle | null)[]>('haste::linear_backward');
    return {
      HasteLinear: ({ x, weight, bias }: Linear) => {
        const parameters = [torch.data(weight), bias && torch.data(bias)] as const;
        const data = torch.data(x);
        if (rounds(torch, x, weight)) {
          const [weight_OI, bias_O] = parameters.map((parameter) => parameter && rounded(torch, parameter));
          return scoped(torch, (own) => [
            torch.info(forward(asHalf(torch, x, own), weight_OI, bias_O ?? null, product)),
          ]);
        }
        const [weight_OI, bias_O] = parameters.map((parameter) => parameter?.handle);
        if (data.dtype === DTYPE.float32) return torch.info(forward(data.handle, weight_OI, bias_O ?? null, product));
        return scoped(torch, (own) => [
          torch.info(forward(asFloat(torch, x, own), weight_OI, bias_O ?? null, product)),
        ]);
      },
      HasteLinearGrad: ({ dy, x, weight, bias }: Linear & { readonly dy: TensorInfo }) =>
        scoped(torch, (own) => {
          const rounding = rounds(torch, x, weight);
          const as = rounding ? asHalf : asFloat;
          const weight_OI = rounding ? rounded(torch, torch.data(weight)) : torch.handle(weight);
          const inputs = [as(torch, dy, own), as(torch, x, own), weight_OI];
          return torch.infos(backward(...inputs, bias !== undefined, product)).filter((info) => info !== null);
        }),
    };
  };

function rounds(torch: Torch, x: TensorInfo, weight: TensorInfo): boolean {
  if (torch.precision !== 'bf16') return false;
  const [O, I] = weight.shape as [number, number];
  const rows = x.shape.reduce((product, length) => product * length, 1) / I;
  return Math.min(rows, O, I) >= FEWEST_ROWS;
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
