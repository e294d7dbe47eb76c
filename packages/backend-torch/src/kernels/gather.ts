import { type TensorInfo, tf } from '@hastejs/tensor';
import { DTYPE, type Handle } from '../addon.js';
import type { Torch } from '../torch.js';
import type { Kernel, KernelSet } from './register.js';
import { type Own, asIndices, scoped } from './scope.js';

/** Kernels that read by index. An index out of bounds is an error of libtorch's on the CPU. */
export const gatherKernels: KernelSet = (torch) => ({
  GatherV2: gather(torch),
  GatherNd: gatherNd(torch),
});

interface GatherAttrs {
  readonly axis: number;
  readonly batchDims?: number;
}

function gather(torch: Torch): Kernel {
  const select = torch.operator('aten::index_select');
  const reshape = torch.operator('aten::reshape');
  const gatherBatches = batchGatherer(torch);
  const run = (x: TensorInfo, indices: TensorInfo, dim: number, batches: number): TensorInfo =>
    scoped(torch, (own) => {
      if (batches > 0) return torch.info(gatherBatches(x, indices, dim, batches, own));
      const handle = torch.handle(indices);
      if (indices.shape.length === 1) return torch.info(select(torch.handle(x), dim, handle));
      const rows = own(select(torch.handle(x), dim, own(reshape(handle, [-1]))));
      return torch.info(reshape(rows, [...x.shape.slice(0, dim), ...indices.shape, ...x.shape.slice(dim + 1)]));
    });
  return ({ x, indices }: { x: TensorInfo; indices: TensorInfo }, { axis, batchDims = 0 }: GatherAttrs) => {
    const dim = axis < 0 ? axis + x.shape.length : axis;
    const batches = batchDims < 0 ? batchDims + indices.shape.length : batchDims;
    try {
      return run(x, indices, dim, batches);
    } catch (error) {
      throw named(torch, indices, x.shape[dim]!, error);
    }
  };
}

/** The error in the words of TensorFlow.js, which name the index; only now are the indices read. */
function named(torch: Torch, indices: TensorInfo, size: number, error: unknown): unknown {
  const values = new Int32Array(torch.addon.read(torch.handle(indices)));
  const wrong = values.find((index) => index < 0 || index >= size);
  if (wrong === undefined) return error;
  return new Error(`GatherV2: the index value ${wrong} is not in [0, ${size - 1}]`, { cause: error });
}

// B batches, O outer, D gathered, S slice, N indices of a batch.
function batchGatherer(torch: Torch) {
  const reshape = torch.operator('aten::reshape');
  const transpose = torch.operator('aten::transpose', 'int');
  const arange = torch.operator('aten::arange', 'start_step');
  const index = torch.operator('aten::index', 'Tensor');
  return (x: TensorInfo, indices: TensorInfo, dim: number, batchDims: number, own: Own): Handle => {
    const shapes = tf.backend_util.segment_util.collectGatherOpShapeInfo(x as never, indices as never, dim, batchDims);
    const { batchSize: B, outerSize: O, dimSize: D, sliceSize: S, outputShape } = shapes;
    const x_BODS = own(reshape(torch.handle(x), [B, O, D, S]));
    const x_BDOS = own(transpose(x_BODS, 1, 2));
    const batch_B1 = own(reshape(own(arange(0, B, 1, DTYPE.int64, null, torch.device)), [B, 1]));
    const indices_BN = own(reshape(asIndices(torch, indices, own), [B, -1]));
    const out_BNOS = own(index(x_BDOS, [batch_B1, indices_BN]));
    return reshape(own(transpose(out_BNOS, 1, 2)), outputShape);
  };
}

/** Rows by coordinates: coordinates become places in the flattened leading axes, then one selection. */
function gatherNd(torch: Torch): Kernel {
  const select = torch.operator('aten::index_select');
  const reshape = torch.operator('aten::reshape');
  const places = flattener(torch);
  return ({ params, indices }: { params: TensorInfo; indices: TensorInfo }) => {
    const [shape, rows, size, strides] = tf.backend_util.prepareAndValidate(params as never, indices as never);
    return scoped(torch, (own) => {
      if (rows === 0) return torch.info(reshape(torch.handle(params), shape));
      const flat = own(reshape(torch.handle(params), [-1, size]));
      return torch.info(reshape(own(select(flat, 0, places(indices, strides, own))), shape));
    });
  };
}

/** Coordinates [..., K] as places [N] in memory of K strides. */
export function flattener(torch: Torch) {
  const reshape = torch.operator('aten::reshape');
  const multiply = torch.operator('aten::mul', 'Tensor');
  const sum = torch.operator('aten::sum', 'dim_IntList');
  return (indices: TensorInfo, strides: readonly number[], own: Own): Handle => {
    const rows = own(reshape(torch.handle(indices), [-1, strides.length]));
    const factors = own(torch.addon.create(Int32Array.from(strides), [strides.length], DTYPE.int32, torch.device));
    return own(sum(own(multiply(rows, factors)), [1], false));
  };
}
