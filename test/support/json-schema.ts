import type { Json, JsonObject } from '@hastejs/plugin-api';

/**
 * What a value does to break a JSON Schema: the keywords that zod writes, by the letter of the specification, and an error
 * for any other, so that nothing passes because it was not understood.
 */
export function schemaFaults(schema: JsonObject, value: unknown, path = '', root = schema): string[] {
  return Object.entries(schema).flatMap(([keyword, rule]) => {
    const check = KEYWORDS[keyword];
    if (!check) throw new Error(`The test does not understand the keyword "${keyword}".`);
    return check(rule as never, value, path, schema, root);
  });
}

type Check = (rule: never, value: unknown, path: string, schema: JsonObject, root: JsonObject) => string[];

const fault = (holds: boolean, path: string, text: string): string[] => (holds ? [] : [`${path}: ${text}`]);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const none: Check = () => [];

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

const bound =
  (holds: (value: number, limit: number) => boolean): Check =>
  (limit: number, value, path) =>
    typeof value === 'number' ? fault(holds(value, limit), path, `beyond ${limit}`) : [];

const KEYWORDS: Readonly<Record<string, Check>> = {
  $schema: none,
  $defs: none,
  $ref: (place: string, value, path, _schema, root) => schemaFaults(definition(root, place), value, path, root),
  description: none,
  default: none,
  type: (type: string, value, path) => fault(TYPES[type]!(value), path, `is no ${type}`),
  const: (only: Json, value, path) => fault(same(only, value), path, `is not ${String(only)}`),
  enum: (choices: Json[], value, path) =>
    fault(
      choices.some((choice) => same(choice, value)),
      path,
      'is no choice',
    ),
  anyOf: (choices: JsonObject[], value, path, _schema, root) =>
    fault(
      choices.some((choice) => schemaFaults(choice, value, path, root).length === 0),
      path,
      'fits no choice',
    ),
  not: (denied: JsonObject, value, path, _schema, root) =>
    fault(schemaFaults(denied, value, path, root).length > 0, path, 'is denied'),
  pattern: (pattern: string, value, path) =>
    typeof value === 'string' ? fault(new RegExp(pattern, 'u').test(value), path, `does not match ${pattern}`) : [],
  minLength: (least: number, value, path) =>
    typeof value === 'string' ? fault(value.length >= least, path, 'is too short') : [],
  minItems: (least: number, value, path) =>
    Array.isArray(value) ? fault(value.length >= least, path, 'is too short') : [],
  maxItems: (most: number, value, path) =>
    Array.isArray(value) ? fault(value.length <= most, path, 'is too long') : [],
  minimum: bound((value, limit) => value >= limit),
  maximum: bound((value, limit) => value <= limit),
  exclusiveMinimum: bound((value, limit) => value > limit),
  exclusiveMaximum: bound((value, limit) => value < limit),
  required: (keys: string[], value, path) =>
    isObject(value) ? keys.flatMap((key) => fault(key in value, path, `lacks ${key}`)) : [],
  properties: (properties: Record<string, JsonObject>, value, path, _schema, root) =>
    isObject(value)
      ? Object.entries(properties).flatMap(([key, inner]) =>
          key in value ? schemaFaults(inner, value[key], `${path}.${key}`, root) : [],
        )
      : [],
  propertyNames: (names: JsonObject, value, path, _schema, root) =>
    isObject(value) ? Object.keys(value).flatMap((key) => schemaFaults(names, key, `${path}.${key}`, root)) : [],
  additionalProperties: (rule: JsonObject | false, value, path, { properties = {} }, root) => {
    if (!isObject(value)) return [];
    const extra = Object.keys(value).filter((key) => !(key in (properties as JsonObject)));
    return extra.flatMap((key) =>
      rule === false ? [`${path}: ${key} is unknown`] : schemaFaults(rule, value[key], `${path}.${key}`, root),
    );
  },
  items: (rule: JsonObject, value, path, _schema, root) =>
    Array.isArray(value) ? value.flatMap((entry, index) => schemaFaults(rule, entry, `${path}.${index}`, root)) : [],
  prefixItems: (rules: JsonObject[], value, path, _schema, root) =>
    Array.isArray(value)
      ? rules.flatMap((rule, index) => schemaFaults(rule, value[index], `${path}.${index}`, root))
      : [],
};

/** `#/$defs/name` */
function definition({ $defs }: JsonObject, place: string): JsonObject {
  const found = ($defs as Record<string, JsonObject> | undefined)?.[place.replace('#/$defs/', '')];
  if (!found) throw new Error(`There is no ${place}.`);
  return found;
}
