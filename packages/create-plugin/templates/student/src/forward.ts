// B batch, T patch tokens, N = T + 2 tokens with time and class before them, D width, H heads, d head size.
import {
  HasteError,
  type QueryKey,
  type StudentInput,
  type StudentOutput,
  type StudentSpec,
  type Taps,
  type TokenSite,
} from '@hastejs/plugin-api';
import {
  type Params,
  type Tensor,
  type Tensor1D,
  type Tensor3D,
  type Tensor4D,
  attention,
  embedding,
  gelu,
  layerNorm,
  linear,
  mergeHeads,
  silu,
  splitHeads,
  tf,
} from '@hastejs/tensor';
import { SINUSOIDS } from './parameters.js';
import { patchify, unpatchify } from './patches.js';

/** Tokens before the patches. They are no part of a tap. */
const PREFIX = 2;
const EPS = 1e-6;

interface FoundTaps {
  readonly tokens: Map<TokenSite, Tensor3D>;
  readonly attention: Map<number, QueryKey>;
}

/**
 * Predicts the velocity, and hands out the taps asked for. Without taps nothing but the velocity outlives the pass.
 * @throws HasteError LAYERS_INVALID for a tap that it does not have.
 */
export function forward(spec: StudentSpec, params: Params, input: StudentInput, taps: Taps): StudentOutput {
  checkTaps(spec, taps);
  const found: FoundTaps = { tokens: new Map(), attention: new Map() };
  const { velocity_BCHW } = tf.tidy(() => {
    let x_BND = embed(spec, params, input);
    for (let n = 0; n < spec.blocks; n++) {
      x_BND = block(`blocks.${n}`, params, x_BND, spec.heads, (tap) => {
        if (taps.attention.includes(n)) found.attention.set(n, tap());
      });
      if (taps.tokens.includes(n)) found.tokens.set(n, patchTokens(x_BND));
    }
    const patches = linear(norm('norm', params, patchTokens(x_BND)), params['head.weight']!, params['head.bias']!);
    const velocity_BCHW = unpatchify(patches as Tensor3D, spec.grid, spec.input.channels);
    // What a tidy returns, at any depth, lives on.
    return {
      velocity_BCHW,
      tokens: [...found.tokens.values()],
      maps: [...found.attention.values()].map((map) => ({ ...map })),
    };
  });
  return { velocity_BCHW, taps: found };
}

/** Time, class and patches side by side: [B, N, D]. */
function embed({ grid, width }: StudentSpec, params: Params, { x_BCHW, t_B, y_B }: StudentInput): Tensor3D {
  const patches_BTD = tf.add(layer('patch', params, patchify(x_BCHW, grid)), params['positions']!);
  const time_BD = layer('time.1', params, silu(layer('time.0', params, sinusoids(t_B))));
  const label_BD = embedding(params['labels']!, y_B);
  const prefix = [time_BD, label_BD].map((token_BD) => tf.reshape(token_BD, [-1, 1, width]) as Tensor3D);
  return tf.concat([...prefix, patches_BTD as Tensor3D], 1);
}

/** Cosines and sines of the time in thousandths, periods from 2π to 2π·10⁴: [B] → [B, SINUSOIDS] */
function sinusoids(t_B: Tensor1D): Tensor {
  const half = SINUSOIDS / 2;
  const frequencies = tf.tensor2d(
    Float32Array.from({ length: half }, (_, k) => 1000 * 1e4 ** (-k / half)),
    [1, half],
  );
  const angles = tf.mul(tf.expandDims(t_B, 1), frequencies);
  return tf.concat([tf.cos(angles), tf.sin(angles)], 1);
}

/** x ← x + attention(norm(x)), then x ← x + MLP(norm(x)). `look` may ask for queries and keys, of patches only. */
function block(
  name: string,
  params: Params,
  x_BND: Tensor3D,
  heads: number,
  look: (tap: () => QueryKey) => void,
): Tensor3D {
  const qkv = layer(`${name}.qkv`, params, norm(`${name}.norm1`, params, x_BND)) as Tensor3D;
  const [q, k, v] = splitHeads(qkv, 3, heads) as [Tensor4D, Tensor4D, Tensor4D];
  look(() => ({ q_BHTd: patchHeads(q), k_BHTd: patchHeads(k) }));
  const attended = tf.add(x_BND, layer(`${name}.proj`, params, mergeHeads(attention(q, k, v))));
  const hidden = gelu(layer(`${name}.fc1`, params, norm(`${name}.norm2`, params, attended)), 'tanh');
  return tf.add(attended, layer(`${name}.fc2`, params, hidden)) as Tensor3D;
}

const layer = (name: string, params: Params, x: Tensor): Tensor =>
  linear(x, params[`${name}.weight`]!, params[`${name}.bias`]!);
const norm = (name: string, params: Params, x: Tensor): Tensor =>
  layerNorm(x, { weight: params[`${name}.weight`], bias: params[`${name}.bias`], eps: EPS });
const patchTokens = (x_BND: Tensor3D): Tensor3D => tf.slice(x_BND, [0, PREFIX, 0]);
const patchHeads = (x_BHNd: Tensor4D): Tensor4D => tf.slice(x_BHNd, [0, 0, PREFIX, 0]);

function checkTaps({ name, blocks }: StudentSpec, taps: Taps): void {
  const wrong = [...taps.tokens, ...taps.attention].find(
    (site) => typeof site !== 'number' || site < 0 || site >= blocks,
  );
  if (wrong === undefined) return;
  throw new HasteError('LAYERS_INVALID', {
    what: `${name} has no block ${wrong}: it has ${blocks}.`,
    where: 'student/template-id, forward',
    fix: `Blocks count from 0: name blocks 0 to ${blocks - 1}.`,
  });
}
