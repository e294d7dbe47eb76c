import { DEPRECATION_MARK, type Json, type JsonObject } from '@hastejs/plugin-api';
import { z } from 'zod';
import { formatPath } from './faults.js';
import { reasonOf } from './reason.js';

/** The options of an extension as people write them, as JSON Schema with defaults and descriptions. */
export function optionsJsonSchema(options: z.ZodType): JsonObject {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(options, { io: 'input' });
  return schema as JsonObject;
}

/**
 * Why core cannot accept options: they must be strict to the last object (a misspelt key is an error, never silence) and
 * plain JSON (a recipe is written to disk and read again).
 */
export function optionsFault(options: unknown): string | null {
  if (!isZodObject(options)) return 'options: expected z.strictObject({ … }) of zod 4';
  try {
    // What comes out must be JSON, too: a transform would pass as input.
    z.toJSONSchema(options, { io: 'output' });
    const schema = optionsJsonSchema(options);
    const [loose] = looseObjects(schema, []);
    if (!loose) return deprecationFault(schema);
    const place = loose.length === 0 ? 'options' : `options.${formatPath(loose)}`;
    return `${place}: unknown keys would pass unnoticed; use z.strictObject there`;
  } catch (error) {
    return `options: values must be plain JSON that validates to itself (${reasonOf(error)})`;
  }
}

/** What must be written cannot be replaced by something else: its users could not get rid of the warning. */
function deprecationFault({ properties, required }: JsonObject): string | null {
  const marked = Object.entries((properties ?? {}) as JsonObject).filter(
    ([, node]) => DEPRECATION_MARK in (node as object),
  );
  const stuck = marked.find(([name]) => Array.isArray(required) && required.includes(name));
  return stuck ? `options.${stuck[0]}: is deprecated and required; make it optional, or give it a default` : null;
}

function isZodObject(options: unknown): options is z.ZodType {
  const zod = (options as { _zod?: { def?: { type?: unknown } } } | null | undefined)?._zod;
  return zod?.def?.type === 'object' && typeof (options as { safeParse?: unknown }).safeParse === 'function';
}

/** Keys of a JSON Schema that hold data, not schemas. */
const DATA_KEYS = new Set(['default', 'const', 'enum', 'examples', 'required']);

/** Paths of the objects that accept keys they do not name. */
function looseObjects(schema: Json, path: readonly string[]): string[][] {
  if (typeof schema !== 'object' || schema === null) return [];
  if (Array.isArray(schema)) return (schema as readonly Json[]).flatMap((choice) => looseObjects(choice, path));
  const node = schema as JsonObject;
  const own =
    node['type'] === 'object' && node['properties'] && node['additionalProperties'] !== false ? [[...path]] : [];
  const inner = Object.entries(node).flatMap(([key, value]) => {
    if (DATA_KEYS.has(key)) return [];
    if (key !== 'properties') return looseObjects(value, path);
    return Object.entries(value as JsonObject).flatMap(([name, property]) => looseObjects(property, [...path, name]));
  });
  return [...own, ...inner];
}
