import type { TensorInfo } from '@hastejs/tensor';
import { DTYPE } from '../addon.js';
import type { Torch } from '../torch.js';
import type { Kernel, KernelSet } from './register.js';
import { asDtype, scoped, share } from './scope.js';

interface AB {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
}

/** Kernels that are one operator: [operator, overload]. Both broadcast alike. */
const ONE_OPERATOR: Readonly<Record<string, readonly [operator: string, overload: string]>> = {
  Add: ['add', 'Tensor'],
  Atan2: ['atan2', ''],
  BitwiseAnd: ['bitwise_and', 'Tensor'],
  Equal: ['eq', 'Tensor'],
  Greater: ['gt', 'Tensor'],
  GreaterEqual: ['ge', 'Tensor'],
  Less: ['lt', 'Tensor'],
  LessEqual: ['le', 'Tensor'],
  LogicalAnd: ['logical_and', ''],
  LogicalOr: ['logical_or', ''],
  Maximum: ['maximum', ''],
  Minimum: ['minimum', ''],
  // Its result has the sign of the divisor, as in TensorFlow.js.
  Mod: ['remainder', 'Tensor'],
  Multiply: ['mul', 'Tensor'],
  NotEqual: ['ne', 'Tensor'],
  Pow: ['pow', 'Tensor_Tensor'],
  RealDiv: ['div', 'Tensor'],
};

export const binaryKernels: KernelSet = (torch) => ({
  ...Object.fromEntries(
    Object.entries(ONE_OPERATOR).map(([name, [operator, overload]]) => [name, oneOperator(torch, operator, overload)]),
  ),
  ...differenceKernels(torch),
  ...mixedKernels(torch),
});

function oneOperator(torch: Torch, name: string, overload: string): Kernel {
  const operator = torch.operator(`aten::${name}`, overload);
  return ({ a, b }: AB) => torch.info(operator(torch.handle(a), torch.handle(b)));
}

const differenceKernels = (torch: Torch): Record<string, Kernel> => {
  const subtract = torch.operator('aten::sub', 'Tensor');
  const squareInPlace = torch.operator('aten::square_');
  return {
    Sub: ({ a, b }: AB) => {
      if (a.dtype !== 'bool') return torch.info(subtract(torch.handle(a), torch.handle(b)));
      return scoped(torch, (own) => torch.info(subtract(asDtype(torch, a, 'int32', own), torch.handle(b))));
    },
    SquaredDifference: ({ a, b }: AB) =>
      scoped(torch, (own) => torch.info(squareInPlace(own(subtract(torch.handle(a), torch.handle(b)))))),
  };
};

const mixedKernels = (torch: Torch): Record<string, Kernel> => {
  const divide = torch.operator('aten::div', 'Tensor_mode');
  const multiply = torch.operator('aten::mul', 'Tensor');
  const isNegative = torch.operator('aten::lt', 'Scalar');
  const where = torch.operator('aten::where', 'self');
  const add = torch.operator('aten::add', 'Tensor');
  const addInPlace = torch.operator('aten::add_', 'Tensor');
  return {
    // int32 whatever the inputs are.
    FloorDiv: ({ a, b }: AB) => {
      const quotient = divide(torch.handle(a), torch.handle(b), 'floor');
      if (a.dtype === 'int32') return torch.info(quotient);
      return scoped(torch, (own) => torch.info(torch.cast(own(quotient), DTYPE.int32)));
    },
    Prelu: ({ x, alpha }: { x: TensorInfo; alpha: TensorInfo }) =>
      scoped(torch, (own) => {
        const handle = torch.handle(x);
        const scaled = own(multiply(handle, torch.handle(alpha)));
        return torch.info(where(own(isNegative(handle, 0)), scaled, handle));
      }),
    AddN: (inputs: readonly TensorInfo[]) => {
      if (inputs.length === 1) return share(torch, inputs[0]!);
      const [first, second, ...rest] = inputs.map((input) => torch.handle(input));
      return scoped(torch, (own) => {
        // The sum is ours from the first addition on, so the others write into it.
        let sum = add(first!, second!);
        for (const handle of rest) sum = addInPlace(own(sum), handle);
        return torch.info(sum);
      });
    },
  };
};
