// The kernels of rows.ts as operators that every device of libtorch has. B batch, T tokens, N rows, D width.
import type { TensorInfo } from '@hastejs/tensor';
import { DTYPE, type Handle } from '../addon.js';
import type { KernelSet } from '../kernels/register.js';
import { type Own, scoped } from '../kernels/scope.js';
import type { Torch } from '../torch.js';
import { asFloat } from './linear.js';

type Inputs<N extends string> = Readonly<Record<N, TensorInfo>>;

/** [B, D] → [B, 1, D], to act on every token. */
function overTokens(torch: Torch, x_BD: Handle, own: Own): Handle {
  return own(torch.operator('aten::unsqueeze')(x_BD, 1));
}

export const modulateKernelsAten: KernelSet = (torch) => {
  const norm = torch.operator<Handle[]>('aten::native_layer_norm');
  const normGradient = torch.operator<(Handle | null)[]>('aten::native_layer_norm_backward');
  const addcmul = torch.operator('aten::addcmul');
  const mul = torch.operator('aten::mul', 'Tensor');
  const sub = torch.operator('aten::sub', 'Tensor');
  const addOne = torch.operator('aten::add', 'Scalar');
  const sum = torch.operator('aten::sum', 'dim_IntList');
  return {
    HasteLayerNormModulate: ({ x, shift, scale }: Inputs<'x' | 'shift' | 'scale'>, { eps }: { eps: number }) =>
      scoped(torch, (own) => {
        const [xHat, mean, rstd] = norm(asFloat(torch, x, own), [x.shape[2]!], null, null, eps);
        const statistics = torch.infos([xHat!, mean!, rstd!]).slice(1) as TensorInfo[];
        own(xHat!);
        const factor_B1D = overTokens(torch, own(addOne(asFloat(torch, scale, own), 1)), own);
        const shift_B1D = overTokens(torch, asFloat(torch, shift, own), own);
        const out = addcmul(shift_B1D, xHat!, factor_B1D);
        return [torch.info(torch.precision === 'bf16' ? torch.cast(own(out), DTYPE.bfloat16) : out), ...statistics];
      }),
    HasteLayerNormModulateGrad: ({ dy, x, scale, mean, rstd }: Inputs<'dy' | 'x' | 'scale' | 'mean' | 'rstd'>) =>
      scoped(torch, (own) => {
        const [dy_BTD, x_BTD] = [asFloat(torch, dy, own), asFloat(torch, x, own)];
        const [mean_BT1, rstd_BT1] = [torch.handle(mean), torch.handle(rstd)];
        const factor_B1D = overTokens(torch, own(addOne(asFloat(torch, scale, own), 1)), own);
        const g_BTD = own(mul(dy_BTD, factor_B1D));
        const none = [null, null] as const;
        const [dx] = normGradient(g_BTD, x_BTD, [x.shape[2]!], mean_BT1, rstd_BT1, ...none, [true, false, false]);
        const dxInfo = torch.infos([dx!])[0]!;
        const xHat_BTD = own(mul(own(sub(x_BTD, mean_BT1)), rstd_BT1));
        const dScale = sum(own(mul(dy_BTD, xHat_BTD)), [1], false);
        return [dxInfo, torch.info(sum(dy_BTD, [1], false)), torch.infoOf(dScale)];
      }),
  };
};

export const gatedAddKernelsAten: KernelSet = (torch) => {
  const addcmul = torch.operator('aten::addcmul');
  const mul = torch.operator('aten::mul', 'Tensor');
  const sum = torch.operator('aten::sum', 'dim_IntList');
  return {
    HasteGatedAdd: ({ x, gate, y }: Inputs<'x' | 'gate' | 'y'>) =>
      scoped(torch, (own) => {
        const gate_B1D = overTokens(torch, asFloat(torch, gate, own), own);
        return [torch.info(addcmul(asFloat(torch, x, own), gate_B1D, asFloat(torch, y, own)))];
      }),
    HasteGatedAddGrad: ({ dy, gate, y }: Inputs<'dy' | 'gate' | 'y'>) =>
      scoped(torch, (own) => {
        const dy_BTD = asFloat(torch, dy, own);
        const gate_B1D = overTokens(torch, asFloat(torch, gate, own), own);
        const dGate = torch.info(sum(own(mul(dy_BTD, asFloat(torch, y, own))), [1], false));
        const dyGate = mul(dy_BTD, gate_B1D);
        const stored = torch.data(y).dtype;
        const dY = torch.info(stored === DTYPE.float32 ? dyGate : torch.cast(own(dyGate), stored));
        // The residual's gradient is dy itself.
        torch.data(dy).references += 1;
        return [{ dataId: dy.dataId, shape: dy.shape, dtype: dy.dtype }, dGate, dY];
      }),
  };
};

export const geluKernelsAten: KernelSet = (torch) => {
  const gelu = torch.operator('aten::gelu');
  const gradient = torch.operator('aten::gelu_backward');
  const approximation = ({ form }: { form: 'tanh' | 'erf' }): string => (form === 'tanh' ? 'tanh' : 'none');
  type Form = { readonly form: 'tanh' | 'erf' };
  return {
    HasteGelu: ({ x }: Inputs<'x'>, form: Form) => [torch.info(gelu(torch.handle(x), approximation(form)))],
    HasteGeluGrad: ({ dy, x }: Inputs<'dy' | 'x'>, form: Form) => [
      torch.info(gradient(torch.handle(dy), torch.handle(x), approximation(form))),
    ],
  };
};

export const embeddingKernelsAten: KernelSet = (torch) => {
  const select = torch.operator('aten::index_select');
  const gradient = torch.operator('aten::embedding_dense_backward');
  return {
    HasteEmbedding: ({ table, ids }: Inputs<'table' | 'ids'>) => [
      torch.info(select(torch.handle(table), 0, torch.handle(ids))),
    ],
    HasteEmbeddingGrad: ({ dy, ids }: Inputs<'dy' | 'ids'>, { rows }: { rows: number }) =>
      scoped(torch, (own) => {
        const ids_B = own(torch.cast(torch.handle(ids), DTYPE.int64));
        return [torch.info(gradient(asFloat(torch, dy, own), ids_B, rows, -1, false))];
      }),
  };
};
