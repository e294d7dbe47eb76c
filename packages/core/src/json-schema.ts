import { type Json, type JsonObject, KINDS, type Kind, REFERENCE_MARK } from '@hastejs/plugin-api';
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
  const { $defs, ...json } = z.toJSONSchema(schema, { io: 'input' }) as JsonObject;
  const nested = nestedRefs(registry);
  const linked = nested.link(json) as JsonObject;
  const definitions = { ...($defs as JsonObject | undefined), ...nested.definitions() };
  return Object.keys(definitions).length > 0 ? { ...linked, $defs: definitions } : linked;
}

/** Extensions inside options: each kind is described once, by all its extensions, since triggers may wrap triggers. */
function nestedRefs(registry: Registry): { link(schema: Json): Json; definitions(): JsonObject } {
  const found: Record<string, Json> = {};
  const link = (schema: Json): Json => {
    if (typeof schema !== 'object' || schema === null) return schema;
    if (Array.isArray(schema)) return (schema as Json[]).map(link);
    const { [REFERENCE_MARK]: kind, ...node } = schema as JsonObject;
    if (typeof kind !== 'string' || !isKind(kind))
      return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, link(value as Json)]));
    define(kind);
    const description = node['description'];
    return { $ref: `#/$defs/${kind}`, ...(description !== undefined && { description }) };
  };
  const define = (kind: Kind): void => {
    if (kind in found) return;
    found[kind] = {}; // a wrapper names its own kind
    const { $schema: _dialect, ...schema } = z.toJSONSchema(refJsonSchema(registry, kind), {
      io: 'input',
    }) as JsonObject;
    found[kind] = link(schema);
  };
  return { link, definitions: () => found };
}

const isKind = (kind: string): kind is Kind => KINDS.includes(kind as Kind);

function refJsonSchema(registry: Registry, kind: Kind): z.ZodType {
  const registered = registry.ofKind(kind);
  const bare = registered.filter(needsNothing).map(({ extension }) => extension.id);
  const choices: z.ZodType[] = registered.map((one) => {
    const { id, summary, options, deprecated } = one.extension;
    return z
      .strictObject({
        kind: z.literal(kind).optional(),
        id: z.literal(id),
        with: needsNothing(one) ? options.prefault({}) : options,
      })
      .meta({ description: summary, ...(deprecated && { deprecated: true }) });
  });
  // Without options, the id alone will do.
  if (bare.length > 0) choices.unshift(z.enum(bare));
  return choices.length > 0 ? z.union(choices) : z.never();
}

const needsNothing = ({ extension }: Registered): boolean => extension.options.safeParse({}).success;
