// What every extension promises, whatever its kind: a declaration that people can use.
import { isDeepStrictEqual } from 'node:util';
import { type Kind, REFERENCE_MARK } from '@hastejs/plugin-api';
import { z } from 'zod';
import type { Bench } from '../bench/bench.js';
import { must } from '../contract/contract-fault.js';

/** Values of every type that options have, and that hardly any one option takes all of. */
const STRANGE: readonly unknown[] = [true, -1.5, 'no such thing', ['no', 'such'], { no: 'such thing' }, null];

/** Keys that nobody names. */
const UNKNOWN = 'noSuchOption';

export const declarationChecks = {
  'says in one sentence what it is': ({ extension: { id, summary } }: Bench) => {
    must(/^\S.*\s.*[.!?]$/.test(summary) && !summary.includes('\n') && summary.length <= 200, {
      what: `The summary of ${id} is ${JSON.stringify(summary)}.`,
      where: 'summary',
      fix: 'Write one sentence of at most 200 characters, with a full stop: `haste plugins` shows it.',
    });
  },
  'describes every option': ({ extension }: Bench) => {
    const silent = undescribed(z.toJSONSchema(extension.options, { io: 'input' }) as Schema, '');
    must(silent.length === 0, {
      what: `${silent.length === 1 ? 'An option has' : 'Options have'} no description: ${silent.join(', ')}.`,
      where: 'options',
      fix: "Add .describe('what it does, in which unit') to each: tables and editors show it.",
    });
  },
  'refuses options that it does not know': ({ extension, contractCase }: Bench) => {
    const options = extension.options.parse(contractCase.options ?? {});
    const deaf = objectPaths(options, []).filter((path) => {
      const spoiled = structuredClone(options) as object;
      Object.assign(at(spoiled, path), { [UNKNOWN]: { no: 'such thing' } });
      return extension.options.safeParse(spoiled).success;
    });
    must(deaf.length === 0, () => ({
      what: `An unknown key passes in ${deaf.map((path) => ['options', ...path].join('.')).join(', ')}.`,
      where: 'options',
      fix: 'Make it a z.strictObject: a misspelt option must be an error, not silence.',
    }));
  },
  'refuses options of another type': ({ extension, contractCase }: Bench) => {
    const options = extension.options.parse(contractCase.options ?? {}) as Record<string, unknown>;
    const greedy = Object.keys(extension.options.shape).filter((name) =>
      STRANGE.every((value) => extension.options.safeParse({ ...options, [name]: value }).success),
    );
    must(greedy.length === 0, {
      what: `Whatever is given passes as ${greedy.join(', ')}.`,
      where: 'options',
      fix: 'Say what it takes (z.number(), z.enum([…]), …) in place of z.any() or z.unknown().',
    });
  },
  'has options that are the same after JSON and a second check': ({ extension, contractCase }: Bench) => {
    const once = extension.options.parse(contractCase.options ?? {});
    const json = JSON.parse(JSON.stringify(once)) as unknown;
    must(isDeepStrictEqual(json, once), {
      what: `The options ${JSON.stringify(once)} are not what JSON makes of them.`,
      where: 'options',
      fix: 'Use plain JSON values: no undefined by default, no Infinity or NaN, dates, maps or functions. Recipes and checkpoints are JSON.',
    });
    const again = extension.options.safeParse(json);
    must(again.success && isDeepStrictEqual(again.data, once), () => ({
      what: `The options, defaults filled in, ${again.success ? `become ${JSON.stringify(again.data)}` : `are refused: ${again.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`} when they are checked again.`,
      where: 'options',
      fix: 'A default must itself be a valid value, and a transform must leave its own result alone: a checkpoint keeps resolved options.',
    }));
  },
} satisfies Record<string, (bench: Bench<Kind>) => void>;

interface Schema {
  readonly [REFERENCE_MARK]?: Kind;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

function undescribed(schema: Schema, path: string): string[] {
  // The options of an extension that is named are described where it is defined.
  if (schema[REFERENCE_MARK] !== undefined) return [];
  const inner = [...(schema.anyOf ?? []), ...(schema.items ? [schema.items] : [])];
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const place = path === '' ? name : `${path}.${name}`;
    const told = [property, ...(property.anyOf ?? [])].some(({ description = '' }) => description.trim().length > 4);
    return [...(told ? [] : [place]), ...undescribed(property, place)];
  });
  return [...own, ...inner.flatMap((part) => undescribed(part, path))];
}

/** Paths of all objects in options but those of references, whose `with` is another schema's. */
function objectPaths(value: unknown, path: readonly string[]): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  const isReference = 'kind' in value && 'id' in value && 'with' in value;
  const own = Array.isArray(value) ? [] : [[...path]];
  if (isReference) return own;
  return [...own, ...Object.entries(value).flatMap(([key, entry]) => objectPaths(entry, [...path, key]))];
}

function at(value: object, path: readonly string[]): object {
  return path.reduce<object>((inner, key) => inner[key as keyof typeof inner], value);
}
