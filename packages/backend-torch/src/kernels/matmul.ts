import { type TensorInfo, tf } from '@hastejs/tensor';
import { type Epilogue, type EpilogueInputs, epilogue } from './activation.js';
import type { KernelSet } from './register.js';
import { type Own, scoped } from './scope.js';
import type { Torch } from '../torch.js';

interface AB {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
}

interface Transposed {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Products of matrices, [..., I, K]·[..., K, O]; a transposed factor is a view, which the product reads as it lies. */
export const matmulKernels: KernelSet = (torch) => {
  const product = multiplier(torch);
  const finish = epilogue(torch);
  return {
    BatchMatMul: ({ a, b }: AB, attrs: Transposed) => {
      if (attrs.transposeA || attrs.transposeB) return scoped(torch, (own) => torch.info(product(a, b, attrs, own)));
      return torch.info(product(a, b, attrs, null));
    },
    _FusedMatMul: ({ a, b, ...inputs }: AB & EpilogueInputs, attrs: Transposed & Epilogue) =>
      scoped(torch, (own) => torch.info(finish(product(a, b, attrs, own), inputs, attrs, own))),
    Einsum: einsumKernel(torch),
  };
};

function multiplier(torch: Torch) {
  const multiply = torch.operator('aten::matmul');
  const transpose = torch.operator('aten::transpose', 'int');
  return (a: TensorInfo, b: TensorInfo, { transposeA, transposeB }: Transposed, own: Own | null) => {
    // libtorch would multiply vectors, too.
    if (a.shape.length < 2 || b.shape.length < 2)
      throw new Error('Error in matMul: inputs must have a rank of 2 or more');
    const left = transposeA ? own!(transpose(torch.handle(a), -2, -1)) : torch.handle(a);
    const right = transposeB ? own!(transpose(torch.handle(b), -2, -1)) : torch.handle(b);
    return multiply(left, right);
  };
}

function einsumKernel(torch: Torch) {
  const einsum = torch.operator('aten::einsum');
  return (inputs: readonly TensorInfo[], { equation }: { equation: string }): TensorInfo => {
    // The same refusals as everywhere in TensorFlow.js: libtorch's einsum can do more.
    const { allDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, inputs.length);
    tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, inputs as never);
    return torch.info(
      einsum(
        equation,
        inputs.map((input) => torch.handle(input)),
      ),
    );
  };
}
