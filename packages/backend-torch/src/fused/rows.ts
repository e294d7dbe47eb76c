// Layer norms, gated residual, activations. B batch, T tokens, N rows, D width.
import type { TensorInfo } from '@hastejs/tensor';
import type { Handle } from '../addon.js';
import type { KernelSet } from '../kernels/register.js';
import { scoped } from '../kernels/scope.js';
import { asFloat } from './linear.js';

interface LayerNorm {
  readonly x: TensorInfo;
  readonly weight?: TensorInfo;
  readonly bias?: TensorInfo;
}

interface Statistics {
  readonly dy: TensorInfo;
  readonly mean: TensorInfo;
  readonly rstd: TensorInfo;
}

export const layerNormKernels: KernelSet = (torch) => {
  const norm = torch.operator<Handle[]>('aten::native_layer_norm');
  const gradient = torch.operator<(Handle | null)[]>('aten::native_layer_norm_backward');
  const optional = (x: TensorInfo | undefined): Handle | null => (x ? torch.handle(x) : null);
  return {
    HasteLayerNorm: ({ x, weight, bias }: LayerNorm, { eps }: { eps: number }) =>
      scoped(torch, (own) => {
        const outputs = norm(asFloat(torch, x, own), [x.shape.at(-1)!], optional(weight), optional(bias), eps);
        return torch.infos(outputs) as TensorInfo[];
      }),
    HasteLayerNormGrad: ({ dy, x, mean, rstd, weight, bias }: LayerNorm & Statistics) =>
      scoped(torch, (own) => {
        const statistics = [torch.handle(mean), torch.handle(rstd)] as const;
        const wanted = [true, weight !== undefined, bias !== undefined];
        const affine = [optional(weight), optional(bias)] as const;
        const [dy_ND, x_ND] = [asFloat(torch, dy, own), asFloat(torch, x, own)];
        const gradients = gradient(dy_ND, x_ND, [x.shape.at(-1)!], ...statistics, ...affine, wanted);
        return torch.infos(gradients).filter((info) => info !== null);
      }),
  };
};

interface Modulate {
  readonly x: TensorInfo;
  readonly shift: TensorInfo;
  readonly scale: TensorInfo;
}

export const modulateKernels: KernelSet = (torch) => {
  const modulate = torch.operator<Handle[]>('haste::layer_norm_modulate');
  const gradient = torch.operator<Handle[]>('haste::layer_norm_modulate_backward');
  return {
    HasteLayerNormModulate: ({ x, shift, scale }: Modulate, { eps }: { eps: number }) =>
      scoped(torch, (own) => {
        const inputs = [asFloat(torch, x, own), asFloat(torch, shift, own), asFloat(torch, scale, own)];
        return torch.infos(modulate(...inputs, eps, torch.precision === 'bf16')) as TensorInfo[];
      }),
    HasteLayerNormModulateGrad: ({ dy, x, scale, mean, rstd }: Modulate & Statistics) =>
      scoped(torch, (own) => {
        const inputs = [torch.handle(dy), asFloat(torch, x, own), asFloat(torch, scale, own)];
        return torch.infos(gradient(...inputs, torch.handle(mean), torch.handle(rstd))) as TensorInfo[];
      }),
  };
};

interface Gated {
  readonly x: TensorInfo;
  readonly gate: TensorInfo;
  readonly y: TensorInfo;
}

export const gatedAddKernels: KernelSet = (torch) => {
  const gatedAdd = torch.operator('haste::gated_add');
  const gradient = torch.operator<Handle[]>('haste::gated_add_backward');
  return {
    HasteGatedAdd: ({ x, gate, y }: Gated) =>
      scoped(torch, (own) => [
        torch.info(gatedAdd(asFloat(torch, x, own), asFloat(torch, gate, own), torch.handle(y))),
      ]),
    HasteGatedAddGrad: ({ dy, gate, y }: Gated & { readonly dy: TensorInfo }) =>
      scoped(torch, (own) => {
        const [dy_BTD, gate_BD] = [asFloat(torch, dy, own), asFloat(torch, gate, own)];
        const gradients = torch.infos(gradient(dy_BTD, gate_BD, torch.handle(y))) as TensorInfo[];
        // The residual's gradient is dy itself.
        torch.data(dy).references += 1;
        return [{ dataId: dy.dataId, shape: dy.shape, dtype: dy.dtype }, ...gradients];
      }),
  };
};

interface Activation {
  readonly x: TensorInfo;
}

type Form = { readonly form: 'tanh' | 'erf' };
type WithGradient = Activation & { readonly dy: TensorInfo };

export const geluKernels: KernelSet = (torch) => {
  const gelu = torch.operator('haste::gelu');
  const gradient = torch.operator('haste::gelu_backward');
  return {
    HasteGelu: ({ x }: Activation, { form }: Form) => [torch.info(gelu(torch.handle(x), form === 'tanh'))],
    HasteGeluGrad: ({ dy, x }: WithGradient, { form }: Form) => [
      torch.info(gradient(torch.handle(dy), torch.handle(x), form === 'tanh')),
    ],
  };
};

export const siluKernels: KernelSet = (torch) => {
  const silu = torch.operator('aten::silu');
  const siluGradient = torch.operator('aten::silu_backward');
  return {
    HasteSilu: ({ x }: Activation) => [torch.info(silu(torch.handle(x)))],
    HasteSiluGrad: ({ dy, x }: WithGradient) => [torch.info(siluGradient(torch.handle(dy), torch.handle(x)))],
  };
};
