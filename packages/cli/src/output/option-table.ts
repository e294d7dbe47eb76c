import {
  DEPRECATION_MARK,
  type Deprecation,
  type Json,
  type JsonObject,
  REFERENCE_MARK,
  deprecationText,
} from '@hastejs/plugin-api';
import { formatTable } from './table.js';

/** One option of an extension, in words. */
export interface OptionRow {
  readonly name: string;
  readonly type: string;
  /** `required`, `optional` or the default as a recipe would write it. */
  readonly value: string;
  readonly about: string;
}

/** Describes the options of an extension from the JSON Schema of its inputs. */
export function optionRows(schema: JsonObject): OptionRow[] {
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(asObject(schema['properties'])).map(([name, value]) => {
    const property = asObject(value);
    const fallback = property['default'];
    return {
      name,
      type: typeText(property),
      value: fallback !== undefined ? JSON.stringify(fallback) : required.includes(name) ? 'required' : 'optional',
      about: aboutText(property),
    };
  });
}

/** What an option is for; of one that will go, first that, and what to write instead. */
function aboutText({ description, [DEPRECATION_MARK]: mark }: JsonObject): string {
  const about = typeof description === 'string' ? description : '';
  return mark === undefined ? about : `${goingText(mark as unknown as Deprecation)} ${about}`.trimEnd();
}

/** `Deprecated since 1.2.0: use blocks.` */
export function goingText(deprecation: Deprecation): string {
  return `${deprecationText(deprecation).replace(/^d/, 'D')}.`;
}

export function formatOptions(rows: readonly OptionRow[], indent: string): string[] {
  if (rows.length === 0) return [`${indent}(no options)`];
  const head = ['option', 'type', 'default', ''];
  const cells = rows.map(({ name, type, value, about }) => [name, isLong(type) ? 'below' : type, value, about]);
  const below = rows.filter(({ type }) => isLong(type)).map(({ name, type }) => `${indent}${name}: ${type}`);
  return [...formatTable([head, ...cells], indent), ...below];
}

/** A type as long as a list of all published sizes would push every other column off the screen. */
function isLong(type: string): boolean {
  return type.length > 40;
}

/** A JSON Schema as people write types: `integer ≥ 1`, `0 ≤ number ≤ 1`, `"ema" | "raw"`, `number[]`. */
export function typeText(schema: JsonObject): string {
  if (typeof schema[REFERENCE_MARK] === 'string') return schema[REFERENCE_MARK];
  if (schema['const'] !== undefined) return JSON.stringify(schema['const']);
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => JSON.stringify(value)).join(' | ');
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices)) return [...new Set(choices.map((choice) => typeText(asObject(choice))))].join(' | ');
  const { type } = schema;
  if (Array.isArray(type)) return type.map((one) => typeText({ ...schema, type: one })).join(' | ');
  if (type === 'array') return arrayText(schema);
  if (type === 'object' && schema['properties'] !== undefined) return objectText(schema);
  if (type === 'number' || type === 'integer') return numberText(type, schema);
  return typeof type === 'string' ? type : 'anything';
}

function arrayText(schema: JsonObject): string {
  const fixed = schema['prefixItems'];
  if (Array.isArray(fixed)) return `[${fixed.map((item) => typeText(asObject(item))).join(', ')}]`;
  const item = typeText(asObject(schema['items']));
  return item.includes(' ') ? `(${item})[]` : `${item}[]`;
}

/** `{ mean: number[], std?: number[] }` */
function objectText(schema: JsonObject): string {
  const fields = optionRows(schema).map(
    ({ name, type, value }) => `${name}${value === 'required' ? '' : '?'}: ${type}`,
  );
  return `{ ${fields.join(', ')} }`;
}

/** `number`, `number > 0`, `0 ≤ number ≤ 1` */
function numberText(type: string, schema: JsonObject): string {
  // Every integer schema carries the safe-integer limits, which tell a person nothing.
  const bound = <S>(key: string, sign: S) => {
    const value = schema[key];
    return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? { sign, value } : undefined;
  };
  const least = bound('exclusiveMinimum', ['>', '<']) ?? bound('minimum', ['≥', '≤']);
  const most = bound('exclusiveMaximum', '<') ?? bound('maximum', '≤');
  const upper = most ? ` ${most.sign} ${most.value}` : '';
  if (!least) return type + upper;
  const { sign, value } = least;
  return most ? `${value} ${sign[1]} ${type}${upper}` : `${type} ${sign[0]} ${value}`;
}

function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
