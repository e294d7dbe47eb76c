// B batch, N tokens (prefix and patches), D width, H heads, d = D / H.
import type { QueryKey } from '@hastejs/plugin-api';
import { type Tensor, type Tensor3D, type Tensor4D, layerNorm, linear, silu, tf } from '@hastejs/tensor';
import { activate } from '../layers/activation.js';
import type { Rotation } from '../layers/rotary.js';
import { type AttentionShape, queriesAndKeys, selfAttention } from '../layers/self-attention.js';
import type { Lookup } from '../parameters.js';
import { type BlockSpec, hasQkvBias } from './spec.js';

export interface VitBlockResult {
  readonly x_BND: Tensor3D;
  /** Queries and keys of its attention, if asked for. */
  readonly tap?: QueryKey;
}

/** What a block needs besides its parameters and tokens; the same for every block of a pass. */
export interface BlockContext {
  readonly spec: BlockSpec;
  /** With rotary positions. */
  readonly rotation?: Rotation | undefined;
  /** What a token may not attend to (see self-attention.ts). */
  readonly mask?: Tensor4D | undefined;
}

const attentionShape = ({ spec, rotation, mask }: BlockContext): AttentionShape => ({
  heads: spec.numHeads,
  qkNorm: false,
  eps: spec.eps,
  qkvBias: hasQkvBias(spec),
  rotation,
  mask,
});

/**
 * One pre-norm block: x ← x + γ₁·attention(norm₁(x)), then x ← x + γ₂·mlp(norm₂(x)).
 * @param wantsTap whether to hand out queries and keys.
 */
export function vitBlock(at: Lookup, x_BND: Tensor3D, context: BlockContext, wantsTap: boolean): VitBlockResult {
  const { spec } = context;
  return tf.tidy(() => {
    const { y_BTD, tap } = selfAttention(
      scaledOutput(at, 'attn', 'proj', spec, 'ls1'),
      norm(at, 'norm1', x_BND, spec),
      attentionShape(context),
      wantsTap,
    );
    const attended_BND: Tensor3D = tf.add(x_BND, y_BTD);
    const mlp_BND = feedForward(at, norm(at, 'norm2', attended_BND, spec), spec);
    const next = { x_BND: tf.add(attended_BND, mlp_BND) };
    return (tap ? { ...next, tap } : next) as never;
  });
}

/** Queries and keys of a block, and nothing that comes after them. */
export function vitBlockAttention(at: Lookup, x_BND: Tensor3D, context: BlockContext): QueryKey {
  return tf.tidy(() => {
    const attn: Lookup = (name) => at(`attn.${name}`);
    return { ...queriesAndKeys(attn, norm(at, 'norm1', x_BND, context.spec), attentionShape(context)) };
  });
}

/** Layer norm with affine: `name.weight` and `name.bias`. */
export function norm<T extends Tensor>(at: Lookup, name: string, x: T, { eps }: Pick<BlockSpec, 'eps'>): T {
  return layerNorm(x, { weight: at(`${name}.weight`), bias: at(`${name}.bias`), eps }) as T;
}

function feedForward(at: Lookup, x_BND: Tensor3D, spec: BlockSpec): Tensor3D {
  const shape = spec.feedForward;
  const last = shape.kind === 'mlp' ? 'fc2' : 'w3';
  const mlp = scaledOutput(at, 'mlp', last, spec, 'ls2');
  const project = (name: string, x: Tensor): Tensor => linear(x, mlp(`${name}.weight`), mlp(`${name}.bias`));
  if (shape.kind === 'mlp') return project('fc2', activate(project('fc1', x_BND), shape.gelu)) as Tensor3D;
  const [gate, value] = tf.split(project('w12', x_BND), 2, -1);
  return project('w3', tf.mul(silu(gate!), value!)) as Tensor3D;
}

/**
 * The parameters of one half of a block, with LayerScale folded into its last linear: γ·(W·x + b) = (γ·W)·x + γ·b. That
 * costs D² products instead of N·D an image, and passes gradients to γ, W and b alike.
 */
function scaledOutput(at: Lookup, half: 'attn' | 'mlp', last: string, spec: BlockSpec, scale: string): Lookup {
  return (name) => {
    const tensor = at(`${half}.${name}`);
    if (spec.layerScale === null || !name.startsWith(last)) return tensor;
    const gamma = at(`${scale}.gamma`);
    return tf.mul(tensor, tensor.rank === 2 ? tf.expandDims(gamma, 1) : gamma);
  };
}
