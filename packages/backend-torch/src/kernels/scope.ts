import type { TensorInfo } from '@hastejs/tensor';
import { DTYPE, type Handle } from '../addon.js';
import type { Torch } from '../torch.js';

/** Marks a handle as an intermediate, to be freed when the scope ends. */
export type Own = (handle: Handle) => Handle;

/** Runs `body` and frees what it owned, also when an operator throws. Costs a closure: kernels of one operator go without. */
export function scoped<T>(torch: Torch, body: (own: Own) => T): T {
  const owned: Handle[] = [];
  const own: Own = (handle) => {
    owned.push(handle);
    return handle;
  };
  try {
    return body(own);
  } finally {
    for (const handle of owned) torch.addon.dispose(handle);
  }
}

/** The same data under another tensor: tensors of TensorFlow.js are immutable. */
export function share(torch: Torch, { dataId, shape, dtype }: TensorInfo): TensorInfo {
  torch.data({ dataId }).references += 1;
  return { dataId, shape, dtype };
}

/** The handle of a tensor, as another dtype if it is not of it already. */
export function asDtype(torch: Torch, x: TensorInfo, dtype: TensorInfo['dtype'], own: Own): Handle {
  const handle = torch.handle(x);
  return x.dtype === dtype ? handle : own(torch.cast(handle, torch.dtypeCode(dtype)));
}

/** Indices of libtorch are int64. */
export function asIndices(torch: Torch, x: TensorInfo, own: Own): Handle {
  return own(torch.cast(torch.handle(x), DTYPE.int64));
}
