import { type Storage, narrow } from '@hastejs/features';
import { HasteError } from '@hastejs/plugin-api';
import type { HostData } from '@hastejs/tensor';

/** 65,504 and what rounds down to it. */
const FLOAT16_LIMIT = 65_520;

/**
 * Features as they are kept. A bad number must not reach the disk: it would be in every run to come, long after its cause.
 * @param name the tensor's.
 * @throws HasteError EXTENSION_FAILED for what is not finite, RECIPE_INVALID for what float16 cannot hold (norms of some
 * models' tokens).
 */
export function keepable(
  values: Float32Array,
  name: string,
  { teacher, storage }: { readonly teacher: string; readonly storage: Storage },
): HostData {
  const limit = storage === 'float16' ? FLOAT16_LIMIT : Infinity;
  // Also true of NaN.
  const bad = values.find((value) => !(Math.abs(value) < limit));
  if (bad === undefined) return narrow(values, storage);
  if (!Number.isFinite(bad)) {
    throw new HasteError('EXTENSION_FAILED', {
      what: `${teacher} gave ${bad} among its ${name}.`,
      where: `${teacher}.encode`,
      fix: 'Check its weights, and with precision bf16 try float32; nothing of this shard was kept.',
    });
  }
  throw new HasteError('RECIPE_INVALID', {
    what: `The ${name} of ${teacher} hold ${bad}; float16 ends at 65,504.`,
    where: 'alignment.cache.storage',
    fix: "Keep them as 'bf16' or 'float32'.",
  });
}
