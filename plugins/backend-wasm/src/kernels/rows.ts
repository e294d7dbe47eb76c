// B batch, T tokens, D width, N rows.
import type { TensorInfo } from '@hastejs/tensor';
import { type Heap, sizeOf } from '../heap.js';
import { moved } from './places.js';
import type { HasteTable } from './register.js';

type Sizes3 = [number, number, number];

/** Layer norms, gated residuals and activations: one walk over the data each. */
export const rowKernels = (heap: Heap): HasteTable => {
  const at = (tensor: TensorInfo): number => heap.address(tensor);
  return {
    HasteLayerNormModulate: ({ x, shift, scale }, { eps }) => {
      const [B, T, D] = x.shape as Sizes3;
      const [out, mean, rstd] = [heap.make([B, T, D]), heap.make([B, T, 1]), heap.make([B, T, 1])];
      const bases = [at(x), at(scale), at(shift), at(out), at(mean), at(rstd)];
      const steps = [T * D, D, D, T * D, T, T];
      heap.parallel('layerNorm', [B, 1, 3 * B * T * D], (from, to) => {
        return [...moved(bases, steps, from), to - from, T, D, 1, eps];
      });
      return [out, mean, rstd];
    },
    HasteLayerNormModulateGrad: ({ dy, x, scale, mean, rstd }) => {
      const [B, T, D] = x.shape as Sizes3;
      const [dx, dshift, dscale] = [heap.make([B, T, D]), heap.make([B, D]), heap.make([B, D])];
      const bases = [at(dy), at(x), at(scale), at(mean), at(rstd), at(dx), at(dscale), at(dshift)];
      const steps = [T * D, T * D, D, T, T, T * D, D, D];
      heap.parallel('layerNormGrad', [B, 1, 5 * B * T * D], (from, to) => {
        return [...moved(bases, steps, from), to - from, T, D, 1];
      });
      return [dx, dshift, dscale];
    },
    HasteGatedAdd: ({ x, gate, y }) => {
      const [B, T, D] = x.shape as Sizes3;
      const out = heap.make([B, T, D]);
      const [bases, steps] = [
        [at(x), at(gate), at(y), at(out)],
        [T * D, D, T * D, T * D],
      ];
      heap.parallel('gatedAdd', [B, 1, 3 * B * T * D], (from, to) => [...moved(bases, steps, from), to - from, T, D]);
      return [out];
    },
    HasteGatedAddGrad: ({ dy, gate, y }) => {
      const [B, T, D] = dy.shape as Sizes3;
      const [dgate, dbranch] = [heap.make([B, D]), heap.make([B, T, D])];
      const bases = [at(dy), at(gate), at(y), at(dgate), at(dbranch)];
      const steps = [T * D, D, T * D, D, T * D];
      heap.parallel('gatedAddGrad', [B, 1, 3 * B * T * D], (from, to) => {
        return [...moved(bases, steps, from), to - from, T, D];
      });
      return [heap.alias(dy, dy.shape), dgate, dbranch];
    },
  };
};

function rowsOf({ shape }: TensorInfo): [N: number, D: number] {
  const D = shape.at(-1)!;
  return [sizeOf(shape) / D, D];
}

/** Layer norm with an optional weight and bias; what is absent becomes a row of zeros. */
export const layerNormKernels = (heap: Heap): HasteTable => {
  const at = (tensor: TensorInfo): number => heap.address(tensor);
  const withZeros = <T>(D: number, use: (zeros: number) => T): T =>
    heap.withScratch(D, (zeros) => {
      heap.floats(zeros, D).fill(0);
      return use(zeros);
    });
  return {
    HasteLayerNorm: ({ x, weight, bias }, { eps }) => {
      const [N, D] = rowsOf(x);
      const perRow = [...x.shape.slice(0, -1), 1];
      const [out, mean, rstd] = [heap.make(x.shape), heap.make(perRow), heap.make(perRow)];
      withZeros(D, (zeros) => {
        const [gain, offset] = [weight ? at(weight) : zeros, bias ? at(bias) : zeros];
        const [bases, steps] = [
          [at(x), gain, offset, at(out), at(mean), at(rstd)],
          [D, 0, 0, D, 1, 1],
        ];
        heap.parallel('layerNorm', [N, 1, 2 * N * D], (from, to) => {
          return [...moved(bases, steps, from), 1, to - from, D, weight ? 0 : 1, eps];
        });
      });
      return [out, mean, rstd];
    },
    HasteLayerNormGrad: ({ dy, x, weight, bias, mean, rstd }) => {
      const [N, D] = rowsOf(x);
      const dx = heap.make(x.shape);
      const dweight = weight && heap.make([D]);
      const dbias = bias && heap.make([D]);
      withZeros(D, (zeros) => {
        heap.withScratch(2 * D, (unused) => {
          const [dgain, doffset] = [dweight ? at(dweight) : unused, dbias ? at(dbias) : unused + 4 * D];
          const inputs = [at(dy), at(x), weight ? at(weight) : zeros, at(mean), at(rstd)];
          heap.simd.layerNormGrad(...inputs, at(dx), dgain, doffset, 1, N, D, weight ? 0 : 1);
        });
      });
      return [dx, ...(dweight ? [dweight] : []), ...(dbias ? [dbias] : [])];
    },
  };
};

export const activationKernels = (heap: Heap): HasteTable => {
  type Activation = 'silu' | 'geluTanh' | 'geluErf';
  // An exponential costs about as much as moving eight floats.
  const elementwise = (name: Activation | `${Activation}Grad`, tensors: readonly TensorInfo[]): void => {
    const places = tensors.map((tensor) => heap.address(tensor));
    const size = sizeOf(tensors[0]!.shape);
    heap.parallel(name, [size, 4, 8 * size], (from, to) => [...places.map((place) => place + 4 * from), to - from]);
  };
  const forward = (name: Activation, x: TensorInfo): TensorInfo[] => {
    const out = heap.make(x.shape);
    elementwise(name, [x, out]);
    return [out];
  };
  const backward = (name: Activation, dy: TensorInfo, x: TensorInfo): TensorInfo[] => {
    const dx = heap.make(x.shape);
    elementwise(`${name}Grad`, [x, dy, dx]);
    return [dx];
  };
  const gelu = (form: 'tanh' | 'erf'): Activation => (form === 'tanh' ? 'geluTanh' : 'geluErf');
  return {
    HasteGelu: ({ x }, { form }) => forward(gelu(form), x),
    HasteGeluGrad: ({ dy, x }, { form }) => backward(gelu(form), dy, x),
    HasteSilu: ({ x }) => forward('silu', x),
    HasteSiluGrad: ({ dy, x }) => backward('silu', dy, x),
  };
};
