import type { z } from 'zod';
import { didYouMean } from './suggest.js';

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

/** Says what a zod issue means to the author of a recipe. Undefined leaves the words to zod. */
export function explainIssue(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return `is missing (expected ${typeName(issue.expected)})`;
      return `expected ${typeName(issue.expected)}, got ${describe(issue.input)}`;
    case 'invalid_value':
      return `expected ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}, got ${describe(issue.input)}`;
    case 'unrecognized_keys':
      return issue.keys.map((key) => `unknown key "${key}".${didYouMean(key, knownKeys(issue))}`).join(' ');
    case 'too_big':
    case 'too_small':
      return explainSize(issue);
    default:
      return undefined;
  }
}

type SizeIssue = Extract<RawIssue, { code: 'too_big' | 'too_small' }>;

function explainSize(issue: SizeIssue): string | undefined {
  const bound = issue.code === 'too_big' ? issue.maximum : issue.minimum;
  const [including, excluding] = issue.code === 'too_big' ? ['at most', 'below'] : ['at least', 'above'];
  const word = issue.inclusive ? including : excluding;
  const isNumber = issue.origin === 'number' || issue.origin === 'int';
  if (isNumber) return `expected a number ${word} ${bound}, got ${describe(issue.input)}`;
  if (issue.origin === 'array') return `expected ${word} ${bound} entries, got ${(issue.input as unknown[]).length}`;
  if (issue.origin === 'string') return `expected ${word} ${bound} characters, got ${describe(issue.input)}`;
  return undefined;
}

function knownKeys({ inst }: RawIssue): string[] {
  const def = (inst as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def;
  return Object.keys(def?.shape ?? {});
}

const typeName = (type: string): string => (type === 'int' ? 'whole number' : type);

/** A value by type, and in full where it is short: `string "abc"`, `number 3.5`, `list`. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'string') {
    return `string ${JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value)}`;
  }
  if (typeof value === 'number' || typeof value === 'boolean') return `${typeof value} ${value}`;
  return typeof value;
}
