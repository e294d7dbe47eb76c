// B batch, T tokens, D width, H heads, d = D / H.
import type { QueryKey } from '@hastejs/plugin-api';
import {
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  gatedAdd,
  gelu,
  layerNormModulate,
  linear,
  tf,
} from '@hastejs/tensor';
import { selfAttention } from '../layers/self-attention.js';
import type { Lookup } from '../parameters.js';
import type { SitConfig } from './config.js';

/** Layer norms without affine inside blocks. */
const EPS = 1e-6;
/** PyTorch's default, which the released QK norm keeps. */
const QK_EPS = 1e-5;

export interface SitBlockResult {
  readonly x_BTD: Tensor3D;
  /** Queries and keys of its attention, if asked for. */
  readonly tap?: QueryKey;
}

/**
 * One adaLN-Zero block (DiT, section 3.2): x ← x + gate·attention(modulate(norm(x))), then the same with the MLP.
 * @param c_BD SiLU of the conditioning vector, shared by all blocks.
 * @param wantsTap whether to hand out queries and keys.
 */
export function sitBlock(
  at: Lookup,
  x_BTD: Tensor3D,
  c_BD: Tensor2D,
  config: SitConfig,
  wantsTap: boolean,
): SitBlockResult {
  return tf.tidy(() => {
    const [shiftA, scaleA, gateA, shiftM, scaleM, gateM] = modulation(at, c_BD, 6);
    const { y_BTD, tap } = selfAttention(
      (name) => at(`attn.${name}`),
      layerNormModulate(x_BTD, shiftA!, scaleA!, EPS),
      { heads: config.numHeads, qkNorm: config.qkNorm, eps: QK_EPS },
      wantsTap,
    );
    const attended_BTD = gatedAdd(x_BTD, gateA!, y_BTD);
    const mlp_BTD = sitMlp(at, layerNormModulate(attended_BTD, shiftM!, scaleM!, EPS));
    const next = { x_BTD: gatedAdd(attended_BTD, gateM!, mlp_BTD) };
    return (tap ? { ...next, tap } : next) as never;
  });
}

/** adaLN's linear on SiLU(c), cut into n vectors [B, D]. */
export function modulation(at: Lookup, c_BD: Tensor2D, n: number): Tensor[] {
  return tf.split(linear(c_BD, at('adaLN_modulation.1.weight'), at('adaLN_modulation.1.bias')), n, 1);
}

function sitMlp(at: Lookup, x_BTD: Tensor3D): Tensor3D {
  const hidden = gelu(linear(x_BTD, at('mlp.fc1.weight'), at('mlp.fc1.bias')), 'tanh');
  return linear(hidden, at('mlp.fc2.weight'), at('mlp.fc2.bias')) as Tensor3D;
}
