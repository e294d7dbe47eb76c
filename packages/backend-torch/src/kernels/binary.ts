import type { TensorInfo } from '@hastejs/tensor';
import { DTYPE } from '../addon.js';
import type { Torch } from '../torch.js';
import type { Kernel, KernelSet } from './register.js';
import { asDtype, scoped, share } from './scope.js';

interface AB {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
}

type Table = Readonly<Record<string, readonly [operator: string, overload: string]>>;

/** Kernels that are one operator: [operator, overload]. TensorFlow.js and libtorch broadcast alike. */
const ONE_OPERATOR: Table = {
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
  Multiply: ['mul', 'Tensor'],
  NotEqual: ['ne', 'Tensor'],
  RealDiv: ['div', 'Tensor'],
};

/** As above, but of bools libtorch makes logic or nothing at all: 0 and 1 of int32 stand in. */
const OF_NUMBERS: Table = {
  Add: ['add', 'Tensor'],
  Pow: ['pow', 'Tensor_Tensor'],
  Sub: ['sub', 'Tensor'],
};

/** With a result in int32: in float64 on the way, where libtorch does not take a zero divisor for a fault. */
const OF_WHOLE_NUMBERS: Table = {
  FloorDiv: ['div', 'Tensor_mode'],
  // The result has the sign of the divisor, as in TensorFlow.js.
  Mod: ['remainder', 'Tensor'],
};

export const binaryKernels: KernelSet = (torch) => ({
  ...made(ONE_OPERATOR, (name, overload) => oneOperator(torch, name, overload)),
  ...made(OF_NUMBERS, (name, overload) => ofNumbers(torch, name, overload)),
  ...made(OF_WHOLE_NUMBERS, (name, overload) => ofWholeNumbers(torch, name, overload)),
  SquaredDifference: squaredDifference(torch),
  Prelu: prelu(torch),
  AddN: addN(torch),
});

function made(table: Table, make: (operator: string, overload: string) => Kernel): Record<string, Kernel> {
  return Object.fromEntries(Object.entries(table).map(([name, operator]) => [name, make(...operator)]));
}

function oneOperator(torch: Torch, name: string, overload: string): Kernel {
  const operator = torch.operator(`aten::${name}`, overload);
  return ({ a, b }: AB) => torch.info(operator(torch.handle(a), torch.handle(b)));
}

function ofNumbers(torch: Torch, name: string, overload: string): Kernel {
  const operator = torch.operator(`aten::${name}`, overload);
  return ({ a, b }: AB) => {
    if (a.dtype !== 'bool' && b.dtype !== 'bool') return torch.info(operator(torch.handle(a), torch.handle(b)));
    return scoped(torch, (own) => torch.info(operator(unlessBool(torch, a, own), unlessBool(torch, b, own))));
  };
}

const unlessBool = (torch: Torch, x: TensorInfo, own: (handle: number) => number): number =>
  x.dtype === 'bool' ? asDtype(torch, x, 'int32', own) : torch.handle(x);

function ofWholeNumbers(torch: Torch, name: string, overload: string): Kernel {
  const operator = torch.operator(`aten::${name}`, overload);
  const finite = torch.operator('aten::nan_to_num_');
  const rounding = overload === 'Tensor_mode' ? 'floor' : undefined;
  return ({ a, b }: AB) => {
    const isWhole = a.dtype !== 'float32' && b.dtype !== 'float32';
    // A quotient is whole whatever it was made of; a remainder is of the kind of its inputs.
    if (!isWhole && rounding === undefined) return torch.info(operator(torch.handle(a), torch.handle(b)));
    return scoped(torch, (own) => {
      const dividend = isWhole ? own(torch.cast(torch.handle(a), DTYPE.float64)) : torch.handle(a);
      const divisor = torch.handle(b);
      const result = own(rounding ? operator(dividend, divisor, rounding) : operator(dividend, divisor));
      return torch.info(torch.cast(own(finite(result, 0, 0, 0)), DTYPE.int32));
    });
  };
}

function squaredDifference(torch: Torch): Kernel {
  const difference = ofNumbers(torch, 'sub', 'Tensor');
  const square = torch.operator('aten::square_');
  // The difference is nobody's yet: squared where it lies.
  return (inputs: AB, attrs) => {
    const result = difference(inputs, attrs) as TensorInfo;
    torch.addon.dispose(square(torch.handle(result)));
    return result;
  };
}

function prelu(torch: Torch): Kernel {
  const multiply = torch.operator('aten::mul', 'Tensor');
  const isNegative = torch.operator('aten::lt', 'Scalar');
  const where = torch.operator('aten::where', 'self');
  return ({ x, alpha }: { x: TensorInfo; alpha: TensorInfo }) =>
    scoped(torch, (own) => {
      const values = asDtype(torch, x, 'float32', own);
      const scaled = own(multiply(values, torch.handle(alpha)));
      return torch.info(where(own(isNegative(values, 0)), scaled, values));
    });
}

function addN(torch: Torch): Kernel {
  const add = torch.operator('aten::add', 'Tensor');
  const addInPlace = torch.operator('aten::add_', 'Tensor');
  return (inputs: readonly TensorInfo[]) => {
    if (inputs.length === 1) return share(torch, inputs[0]!);
    const [first, second, ...rest] = inputs.map((input) => torch.handle(input));
    return scoped(torch, (own) => {
      // The sum is ours from the first addition on, so the others write into it.
      let sum = add(first!, second!);
      for (const handle of rest) sum = addInPlace(own(sum), handle);
      return torch.info(sum);
    });
  };
}
