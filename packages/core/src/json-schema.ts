import type { JsonObject, Kind } from '@hastejs/plugin-api';
import { z } from 'zod';
import { recipeSchema } from './recipe-schema.js';
import type { Registered, Registry } from './registry.js';

/**
 * JSON Schema (2020-12) of recipes as people write them, for editors: every field, and every extension of the registry by
 * id with its own options.
 */
export function recipeJsonSchema(registry: Registry): JsonObject {
  const schema = recipeSchema({
    plugin: z.string().min(1),
    ref: (kind) => refJsonSchema(registry, kind),
  }).extend({ $schema: z.string().optional().describe('For editors; Haste does not read it') });
  return z.toJSONSchema(schema, { io: 'input' }) as JsonObject;
}

function refJsonSchema(registry: Registry, kind: Kind): z.ZodType {
  const registered = registry.ofKind(kind);
  const bare = registered.filter(needsNothing).map(({ extension }) => extension.id);
  const choices: z.ZodType[] = registered.map((one) => {
    const { id, summary, options } = one.extension;
    return z
      .strictObject({
        kind: z.literal(kind).optional(),
        id: z.literal(id),
        with: needsNothing(one) ? options.prefault({}) : options,
      })
      .describe(summary);
  });
  // Without options, the id alone will do.
  if (bare.length > 0) choices.unshift(z.enum(bare));
  return choices.length > 0 ? z.union(choices) : z.never();
}

const needsNothing = ({ extension }: Registered): boolean => extension.options.safeParse({}).success;
