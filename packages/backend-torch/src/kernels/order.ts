import type { TensorInfo } from '@hastejs/tensor';
import type { Handle } from '../addon.js';
import type { Torch } from '../torch.js';
import type { Kernel, KernelSet } from './register.js';
import { asDtype, scoped } from './scope.js';

interface X {
  readonly x: TensorInfo;
}

/** Kernels that choose, order and accumulate. */
export const orderKernels: KernelSet = (torch) => ({
  Select: select(torch),
  TopK: topK(torch),
  SearchSorted: searchSorted(torch),
  Cumsum: scan(torch, 'cumsum', 0),
  Cumprod: scan(torch, 'cumprod', 1),
});

function select(torch: Torch): Kernel {
  const where = torch.operator('aten::where', 'self');
  const reshape = torch.operator('aten::reshape');
  return ({ condition, t, e }: Record<'condition' | 't' | 'e', TensorInfo>) => {
    const handle = torch.handle(condition);
    if (condition.shape.length !== 1 || t.shape.length <= 1) {
      return torch.info(where(handle, torch.handle(t), torch.handle(e)));
    }
    // A list of conditions chooses whole rows.
    return scoped(torch, (own) => {
      const rows = own(reshape(handle, [-1, ...t.shape.slice(1).map(() => 1)]));
      return torch.info(where(rows, torch.handle(t), torch.handle(e)));
    });
  };
}

/** By a stable sort: among equals TensorFlow.js puts the lower index first, which libtorch's own topk does not promise. */
function topK(torch: Torch): Kernel {
  const sort = torch.operator<[Handle, Handle]>('aten::sort', 'stable');
  const slice = torch.operator('aten::slice', 'Tensor');
  return ({ x }: X, { k }: { k: number }) => {
    if (k > x.shape.at(-1)!)
      throw new Error(`'k' passed to topk() must be <= the last dimension (${x.shape.at(-1)}) but got ${k}`);
    return scoped(torch, (own) => {
      const [values, indices] = sort(torch.handle(x), true, -1, true).map(own) as [Handle, Handle];
      const top = torch.info(slice(values, -1, 0, k));
      return [top, torch.info(slice(indices, -1, 0, k))];
    });
  };
}

function searchSorted(torch: Torch): Kernel {
  const search = torch.operator('aten::searchsorted', 'Tensor');
  return (
    { sortedSequence, values }: Record<'sortedSequence' | 'values', TensorInfo>,
    { side }: { side: 'left' | 'right' },
  ) => torch.info(search(torch.handle(sortedSequence), torch.handle(values), true, side === 'right'));
}

interface ScanAttrs {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

/** Sums or products so far. Exclusive: moved one place on, from the neutral element; in reverse: in the mirror. */
function scan(torch: Torch, name: string, neutral: number): Kernel {
  const accumulate = torch.operator(`aten::${name}`);
  const flip = torch.operator('aten::flip');
  const slice = torch.operator('aten::slice', 'Tensor');
  const pad = torch.operator('aten::constant_pad_nd');
  return ({ x }: X, { axis, exclusive, reverse }: ScanAttrs) =>
    scoped(torch, (own) => {
      const dim = axis < 0 ? axis + x.shape.length : axis;
      const counts = x.dtype === 'bool' ? asDtype(torch, x, 'int32', own) : torch.handle(x);
      const forward = reverse ? own(flip(counts, [dim])) : counts;
      const code = torch.dtypeCode(x.dtype === 'float32' ? 'float32' : 'int32');
      let scanned = accumulate(forward, dim, code);
      if (exclusive) {
        const shorter = own(slice(own(scanned), dim, 0, x.shape[dim]! - 1));
        const before = [...new Array<number>(2 * (x.shape.length - 1 - dim)).fill(0), 1, 0];
        scanned = pad(shorter, before, neutral);
      }
      return torch.info(reverse ? flip(own(scanned), [dim]) : scanned);
    });
}
