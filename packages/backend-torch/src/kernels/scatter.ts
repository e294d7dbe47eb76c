import { type TensorInfo, tf } from '@hastejs/tensor';
import type { Torch } from '../torch.js';
import { flattener } from './gather.js';
import type { Kernel, KernelSet } from './register.js';
import { asIndices, scoped } from './scope.js';

/** Kernels that write by index. */
export const scatterKernels: KernelSet = (torch) => ({
  ScatterNd: scatterNd(torch),
  TensorScatterUpdate: tensorScatterUpdate(torch),
  UnsortedSegmentSum: unsortedSegmentSum(torch),
});

// R rows of S elements, N updates.
function scatterNd(torch: Torch): Kernel {
  const reshape = torch.operator('aten::reshape');
  const zeros = torch.operator('aten::new_zeros');
  const addRows = torch.operator('aten::index_add_');
  const places = flattener(torch);
  return ({ indices, updates }: Record<'indices' | 'updates', TensorInfo>, { shape }: { shape: number[] }) => {
    const {
      sliceSize: S,
      strides,
      outputSize,
    } = tf.backend_util.calculateShapes(updates as never, indices as never, shape);
    if (outputSize === 0) return torch.info(zeros(torch.handle(updates), shape));
    return scoped(torch, (own) => {
      const updates_NS = own(reshape(torch.handle(updates), [-1, S]));
      const out_RS = own(zeros(updates_NS, [outputSize / S, S]));
      own(addRows(out_RS, 0, places(indices, strides.slice(0, coordinatesOf(indices)), own), updates_NS));
      return torch.info(reshape(out_RS, shape));
    });
  };
}

function tensorScatterUpdate(torch: Torch): Kernel {
  const reshape = torch.operator('aten::reshape');
  const copyRows = torch.operator('aten::index_copy');
  const places = flattener(torch);
  return ({ tensor, indices, updates }: Record<'tensor' | 'indices' | 'updates', TensorInfo>) => {
    const { shape } = tensor;
    const { sliceSize: S, strides } = tf.backend_util.calculateShapes(updates as never, indices as never, shape);
    return scoped(torch, (own) => {
      const tensor_RS = own(reshape(torch.handle(tensor), [-1, S]));
      const updates_NS = own(reshape(torch.handle(updates), [-1, S]));
      const rows_N = places(indices, strides.slice(0, coordinatesOf(indices)), own);
      return torch.info(reshape(own(copyRows(tensor_RS, 0, rows_N, updates_NS)), shape));
    });
  };
}

const coordinatesOf = (indices: TensorInfo): number => (indices.shape.length < 1 ? 1 : indices.shape.at(-1)!);

/**
 * out[s] = Σ x[i] over ids[i] = s. Ids outside of 0 … numSegments − 1 count nowhere: they go to a row more, which the result,
 * a view, leaves out.
 */
function unsortedSegmentSum(torch: Torch): Kernel {
  const reshape = torch.operator('aten::reshape');
  const zeros = torch.operator('aten::new_zeros');
  const addRows = torch.operator('aten::index_add_');
  const clamp = torch.operator('aten::clamp');
  const remainder = torch.operator('aten::remainder', 'Scalar');
  const slice = torch.operator('aten::slice', 'Tensor');
  return ({ x, segmentIds }: Record<'x' | 'segmentIds', TensorInfo>, { numSegments }: { numSegments: number }) =>
    scoped(torch, (own) => {
      const rest = x.shape.slice(segmentIds.shape.length);
      const rows = own(reshape(torch.handle(x), [segmentIds.shape.reduce((a, b) => a * b, 1), ...rest]));
      const clamped = own(clamp(own(reshape(asIndices(torch, segmentIds, own), [-1])), -1, numSegments));
      const ids = own(remainder(clamped, numSegments + 1));
      const sums = own(zeros(rows, [numSegments + 1, ...rest]));
      own(addRows(sums, 0, ids, rows));
      return torch.info(slice(sums, 0, 0, numSegments));
    });
}
