// B batch, C channels, H×W pixels, T tokens, D width.
import type { QueryKey, TapValues } from '@hastejs/plugin-api';
import { type Tensor, type Tensor3D, type Tensor4D, tf } from '@hastejs/tensor';

/**
 * Runs at most `chunk` images at a time and joins what comes out: what is alive at once is bounded by the chunk, and the
 * taps. A batch that fits is run as it is.
 */
export function inChunks(x_BCHW: Tensor4D, chunk: number, encode: (part_BCHW: Tensor4D) => TapValues): TapValues {
  const [B, ...image] = x_BCHW.shape;
  if (B <= chunk) return encode(x_BCHW);
  let joined: TapValues | undefined;
  tf.tidy(() => {
    const parts: TapValues[] = [];
    for (let from = 0; from < B; from += chunk) {
      const count = Math.min(chunk, B - from);
      parts.push(encode(tf.slice(x_BCHW, [from, 0, 0, 0], [count, ...image])));
    }
    joined = join(parts);
    return tensorsOf(joined);
  });
  return joined!;
}

function join(parts: readonly TapValues[]): TapValues {
  const [first] = parts as readonly [TapValues, ...TapValues[]];
  const together = <T extends Tensor>(pick: (part: TapValues) => T): T => tf.concat(parts.map(pick), 0) as T;
  const queryKey = (block: number): QueryKey => ({
    q_BHTd: together<Tensor4D>((part) => part.attention.get(block)!.q_BHTd),
    k_BHTd: together<Tensor4D>((part) => part.attention.get(block)!.k_BHTd),
  });
  return {
    tokens: new Map([...first.tokens.keys()].map((site) => [site, together<Tensor3D>((p) => p.tokens.get(site)!)])),
    attention: new Map([...first.attention.keys()].map((block) => [block, queryKey(block)])),
  };
}

/** All tensors of taps, to be kept by a tidy. */
export function tensorsOf({ tokens, attention }: TapValues): Tensor[] {
  return [...tokens.values(), ...[...attention.values()].flatMap(({ q_BHTd, k_BHTd }) => [q_BHTd, k_BHTd])];
}
