import type { TensorInfo } from '@hastejs/tensor';
import { DTYPE } from '../addon.js';
import type { Torch } from '../torch.js';
import type { KernelSet } from './register.js';
import { type Own, scoped, share } from './scope.js';

/** Casts. The real part of a complex number is taken first, since libtorch warns when a cast would drop the other. */
export const castKernels: KernelSet = (torch) => {
  const real = torch.operator('aten::real');
  return {
    Cast: ({ x }: { x: TensorInfo }, { dtype }: Pick<TensorInfo, 'dtype'>) => {
      if (x.dtype === dtype) return share(torch, x);
      if (x.dtype === 'float32' && dtype === 'int32') return scoped(torch, (own) => wrapped(torch, x, own));
      if (x.dtype !== 'complex64') return torch.info(torch.cast(torch.handle(x), torch.dtypeCode(dtype)));
      return scoped(torch, (own) => {
        const part = real(torch.handle(x));
        if (dtype === 'float32') return torch.info(part);
        return torch.info(torch.cast(own(part), torch.dtypeCode(dtype)));
      });
    },
  };
};

/** By way of int64, so that numbers beyond int32 wrap and NaN becomes 0, as in JavaScript: directly, both are undefined. */
function wrapped(torch: Torch, x: TensorInfo, own: Own): TensorInfo {
  return torch.info(torch.cast(own(torch.cast(torch.handle(x), DTYPE.int64)), DTYPE.int32));
}
