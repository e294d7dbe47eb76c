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

const attentionCrossEntropy: KernelSet = (torch) => {
  if (!torch.has('haste::attention_cross_entropy')) return {};
  const loss = torch.operator('haste::attention_cross_entropy');
  const gradient = torch.operator<Handle[]>('haste::attention_cross_entropy_backward');
  type Maps = Inputs<'qs' | 'ks' | 'qt' | 'kt'>;
  return {
    HasteAttentionCrossEntropy: ({ qs, ks, qt, kt }: Maps) =>
      scoped(torch, (own) => [torch.info(loss(...[qs, ks, qt, kt].map((x) => asFloat(torch, x, own))))]),
    HasteAttentionCrossEntropyGrad: ({ dy, qs, ks, qt, kt }: Maps & Inputs<'dy'>) =>
      scoped(torch, (own) => {
        const inputs = [dy, qs, ks, qt, kt].map((x) => asFloat(torch, x, own));
        return torch.infos(gradient(...inputs)) as TensorInfo[];
      }),
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
