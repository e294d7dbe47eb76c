import type { TensorInfo } from '@hastejs/tensor';
import { DTYPE } from '../addon.js';
import type { Torch } from '../torch.js';
import type { Kernel, KernelSet } from './register.js';
import { asDtype, scoped } from './scope.js';

interface X {
  readonly x: TensorInfo;
}

/** Kernels that are one operator. libtorch computes those of real functions in float32 for int32 and bool, too. */
const ONE_OPERATOR: Readonly<Record<string, string>> = {
  Acos: 'acos',
  Acosh: 'acosh',
  Asin: 'asin',
  Asinh: 'asinh',
  Atan: 'atan',
  Atanh: 'atanh',
  Ceil: 'ceil',
  ComplexAbs: 'abs',
  Cos: 'cos',
  Cosh: 'cosh',
  Elu: 'elu',
  Erf: 'erf',
  Exp: 'exp',
  Expm1: 'expm1',
  Floor: 'floor',
  IsFinite: 'isfinite',
  IsInf: 'isinf',
  IsNan: 'isnan',
  Log: 'log',
  Log1p: 'log1p',
  LogicalNot: 'logical_not',
  Reciprocal: 'reciprocal',
  Rsqrt: 'rsqrt',
  Sigmoid: 'sigmoid',
  Sign: 'sign',
  Sin: 'sin',
  Sinh: 'sinh',
  Sqrt: 'sqrt',
  Tan: 'tan',
  Tanh: 'tanh',
};

/** As above, but libtorch has no such operator on bool: 0 and 1 of int32 stand in. */
const NOT_ON_BOOL: Readonly<Record<string, string>> = {
  Abs: 'abs',
  Neg: 'neg',
  Relu: 'relu',
  // Half to even, as in TensorFlow.js.
  Round: 'round',
  Square: 'square',
};

/** And these libtorch has on floats only. */
const OF_FLOATS: Readonly<Record<string, string>> = {
  Selu: 'selu',
  Softplus: 'softplus',
};

export const unaryKernels: KernelSet = (torch) => ({
  ...made(ONE_OPERATOR, (operator) => oneOperator(torch, operator)),
  ...made(NOT_ON_BOOL, (operator) => notOnBool(torch, operator)),
  ...made(OF_FLOATS, (operator) => ofFloats(torch, operator)),
  ...clampKernels(torch),
  ...stepKernel(torch),
});

function made(table: Readonly<Record<string, string>>, make: (operator: string) => Kernel): Record<string, Kernel> {
  return Object.fromEntries(Object.entries(table).map(([name, operator]) => [name, make(operator)]));
}

function oneOperator(torch: Torch, name: string): Kernel {
  const operator = torch.operator(`aten::${name}`);
  return ({ x }: X) => torch.info(operator(torch.handle(x)));
}

function notOnBool(torch: Torch, name: string): Kernel {
  const operator = torch.operator(`aten::${name}`);
  return ({ x }: X) => {
    if (x.dtype !== 'bool') return torch.info(operator(torch.handle(x)));
    return scoped(torch, (own) => torch.info(operator(asDtype(torch, x, 'int32', own))));
  };
}

function ofFloats(torch: Torch, name: string): Kernel {
  const operator = torch.operator(`aten::${name}`);
  return ({ x }: X) => scoped(torch, (own) => torch.info(operator(asDtype(torch, x, 'float32', own))));
}

const clampKernels = (torch: Torch): Record<string, Kernel> => {
  const clamp = torch.operator('aten::clamp');
  const leakyRelu = torch.operator('aten::leaky_relu');
  const eluBackward = torch.operator('aten::elu_backward');
  return {
    ClipByValue: ({ x }: X, { clipValueMin, clipValueMax }: { clipValueMin: number; clipValueMax: number }) => {
      const clamped = clamp(torch.handle(x), clipValueMin, clipValueMax);
      if (x.dtype === 'float32') return torch.info(clamped);
      // Bounds with a fraction make libtorch answer in float32.
      return scoped(torch, (own) => torch.info(torch.cast(own(clamped), DTYPE.int32)));
    },
    Relu6: ({ x }: X) => torch.info(clamp(torch.handle(x), 0, 6)),
    LeakyRelu: ({ x }: X, { alpha }: { alpha: number }) =>
      scoped(torch, (own) => torch.info(leakyRelu(asDtype(torch, x, 'float32', own), alpha))),
    EluGrad: ({ dy, y }: { dy: TensorInfo; y: TensorInfo }) =>
      torch.info(eluBackward(torch.handle(dy), 1, 1, 1, true, torch.handle(y))),
  };
};

/** 1 above zero, `alpha` below, NaN of NaN, which the operators of libtorch made for this would lose. */
const stepKernel = (torch: Torch): Record<string, Kernel> => {
  const clamp = torch.operator('aten::clamp');
  const ceilInPlace = torch.operator('aten::ceil_');
  const isNan = torch.operator('aten::isnan');
  const isPositive = torch.operator('aten::gt', 'Scalar');
  const where = torch.operator('aten::where', 'self');
  const full = torch.operator('aten::full');
  return {
    Step: ({ x }: X, { alpha = 0 }: { alpha?: number }) =>
      scoped(torch, (own) => {
        const handle = asDtype(torch, x, 'float32', own);
        const step = own(ceilInPlace(own(clamp(handle, 0, 1))));
        if (alpha === 0) return torch.info(torch.cast(step, torch.dtypeCode(x.dtype)));
        const constant = own(full([], alpha, DTYPE.float32, null, torch.device));
        const below = own(where(own(isNan(handle)), handle, constant));
        return torch.info(where(own(isPositive(handle, 0)), step, below));
      }),
  };
};
