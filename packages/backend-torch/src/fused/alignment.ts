import type { TensorInfo } from '@hastejs/tensor';
import type { Handle } from '../addon.js';
import type { KernelSet } from '../kernels/register.js';
import { scoped } from '../kernels/scope.js';
import { asFloat } from './linear.js';

type Inputs<N extends string> = Readonly<Record<N, TensorInfo>>;

/** The two alignment losses, and the label embedding. Losses are float32 under every policy. */
export const alignmentKernels: KernelSet = (torch) => {
  const cosine = torch.operator('haste::negative_cosine');
  const cosineGradient = torch.operator('haste::negative_cosine_backward');
  return {
    HasteNegativeCosine: ({ x, z }: Inputs<'x' | 'z'>) =>
      scoped(torch, (own) => [torch.info(cosine(asFloat(torch, x, own), asFloat(torch, z, own)))]),
    HasteNegativeCosineGrad: ({ dy, x, z }: Inputs<'dy' | 'x' | 'z'>) =>
      scoped(torch, (own) => {
        const [x_BTD, z_BTD] = [asFloat(torch, x, own), asFloat(torch, z, own)];
        return [torch.info(cosineGradient(asFloat(torch, dy, own), x_BTD, z_BTD))];
      }),
    ...attentionCrossEntropy(torch),
  };
};

/**
 * The maps of student and teacher are formed once, in the forward pass, which leaves the gradient for dy = 1 beside its
 * output: two tensors of the queries' size instead of forming all maps again.
 */
const attentionCrossEntropy: KernelSet = (torch) => {
  const withGradient = torch.operator<[Handle, Handle, Handle]>('haste::attention_cross_entropy_with_gradient');
  const multiply = torch.operator('aten::mul', 'Tensor');
  type Maps = Inputs<'qs' | 'ks' | 'qt' | 'kt'>;
  return {
    HasteAttentionCrossEntropy: (maps: Maps) =>
      scoped(torch, (own) => {
        const inputs = [maps.qs, maps.ks, maps.qt, maps.kt].map((x) => asFloat(torch, x, own));
        const [out, ...gradients] = withGradient(...inputs);
        const info = torch.infos([out])[0]!;
        torch.data(info).attached = gradients;
        return [info];
      }),
    HasteAttentionCrossEntropyGrad: ({ dy, out }: Maps & Inputs<'dy' | 'out'>) =>
      torch.data(out).attached.map((gradient) => torch.info(multiply(gradient, torch.handle(dy)))),
  };
};

export const embeddingKernels: KernelSet = (torch) => {
  const select = torch.operator('aten::index_select');
  const gradient = torch.operator('haste::embedding_backward');
  return {
    HasteEmbedding: ({ table, ids }: Inputs<'table' | 'ids'>) => [
      torch.info(select(torch.handle(table), 0, torch.handle(ids))),
    ],
    HasteEmbeddingGrad: ({ dy, ids }: Inputs<'dy' | 'ids'>, { rows }: { rows: number }) =>
      scoped(torch, (own) => [torch.info(gradient(asFloat(torch, dy, own), torch.handle(ids), rows))]),
  };
};
