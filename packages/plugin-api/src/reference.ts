import { z } from 'zod';
import type { JsonObject } from './json.js';
import type { Kind, Ref } from './define.js';

/** An extension with options as people write it: a call of the extension in TypeScript; `{ id, with }` or the id alone in JSON and YAML. */
export type RefInput<K extends Kind = Kind> =
  Ref<K> | { readonly kind?: K; readonly id: string; readonly with?: JsonObject } | string;

/** The key under which the JSON Schema of an option tells that it is a reference, and of which kind. */
export const REFERENCE_MARK = 'hasteReference';

/**
 * An option that is an extension itself, such as the trigger that another trigger wraps. Core checks what it names and
 * fills in its defaults as everywhere in a recipe; `create` gets a {@link Ref}, and makes it with `Services.extensions`.
 */
export function reference<K extends Kind>(kind: K): z.ZodType<Ref<K>, RefInput<K>> {
  const shape = z.strictObject({
    kind: z.literal(kind),
    id: z.string().min(1),
    with: z.record(z.string(), z.unknown()),
  });
  const schema = z.preprocess((input) => inFull(kind, input), shape).meta({ [REFERENCE_MARK]: kind });
  return schema as unknown as z.ZodType<Ref<K>, RefInput<K>>;
}

/** The short forms of a reference as `{ kind, id, with }`; anything else as it is, for the shape to refuse. */
function inFull(kind: Kind, input: unknown): unknown {
  if (typeof input === 'string') return { kind, id: input, with: {} };
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  return { kind, with: {}, ...input };
}
