// B batch, N tokens with prefix, T patch tokens, D width, H heads, d = D / H, P projected width.
import { HasteError } from '@hastejs/plugin-api';
import {
  type Params,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  attention,
  linear,
  mergeHeads,
  splitHeads,
  tf,
} from '@hastejs/tensor';
import { activate } from '../layers/activation.js';
import { type Lookup, within } from '../parameters.js';
import { norm } from './block.js';
import { type VitSpec, prefixTokens } from './spec.js';

/**
 * One vector an image, as the spec pools: [B, N, D] → [B, D]. Differentiable.
 * @param final_BND the 'final' tokens of vitForward, prefix included.
 * @throws HasteError SHAPE_MISMATCH for a model that pools nothing.
 */
export function vitPool(spec: VitSpec, params: Params, final_BND: Tensor3D): Tensor2D {
  return tf.tidy(() => {
    const pooled_BD = pool(spec, within(params), final_BND);
    return spec.poolNorm ? (norm(within(params), 'fc_norm', pooled_BD, spec) as Tensor2D) : pooled_BD;
  });
}

/** A pooled vector in the space that the model shares with its text encoder: [B, D] → [B, P]; needs `spec.projection`. */
export function vitProject(params: Params, pooled_BD: Tensor2D): Tensor2D {
  return linear(pooled_BD, within(params)('projection.weight')) as Tensor2D;
}

function pool(spec: VitSpec, at: Lookup, final_BND: Tensor3D): Tensor2D {
  switch (spec.pooling.kind) {
    case 'class':
      return tf.squeeze(tf.slice(final_BND, [0, 0, 0], [-1, 1, -1]), [1]);
    case 'mean':
      return tf.mean(tf.slice(final_BND, [0, prefixTokens(spec), 0], [-1, -1, -1]), 1);
    case 'attention':
      return attentionPool(spec, spec.pooling, (name) => at(`attn_pool.${name}`), final_BND);
    case 'none':
      throw new HasteError('SHAPE_MISMATCH', {
        what: 'This encoder has no pooled output.',
        where: 'vitPool',
        fix: "Take its tokens, or set the spec's pooling to the class token or the mean.",
      });
  }
}

/**
 * SigLIP's head (Zhai et al. 2023): a learned query attends to all tokens, then x + mlp(norm(x)). Its projections lie as in a
 * block, [query | key | value]: the query's part meets one token, the others all.
 */
function attentionPool(
  spec: VitSpec,
  { gelu }: { readonly gelu: Parameters<typeof activate>[1] },
  at: Lookup,
  x_BND: Tensor3D,
): Tensor2D {
  const [B, , D] = x_BND.shape;
  const rows = (from: number, count: number): [Tensor, Tensor] => [
    tf.slice(at('qkv.weight'), [from * D, 0], [count * D, D]),
    tf.slice(at('qkv.bias'), [from * D], [count * D]),
  ];
  const project = (name: string, x: Tensor): Tensor => linear(x, at(`${name}.weight`), at(`${name}.bias`));
  const query_11D = linear(at('latent'), ...rows(0, 1)) as Tensor3D;
  const [q] = splitHeads(tf.tile(query_11D, [B, 1, 1]), 1, spec.numHeads);
  const [k, v] = splitHeads(linear(x_BND, ...rows(1, 2)) as Tensor3D, 2, spec.numHeads);
  const y_B1D = project('proj', mergeHeads(attention(q!, k!, v!))) as Tensor3D;
  const hidden = activate(project('mlp.fc1', norm(at, 'norm', y_B1D, spec)), gelu);
  return tf.squeeze(tf.add(y_B1D, project('mlp.fc2', hidden)), [1]);
}
