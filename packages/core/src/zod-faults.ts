import type { z } from 'zod';
import { explainIssue } from './explain-issue.js';

type Issue = z.core.$ZodIssue;

/** One thing wrong at one place inside a checked value. */
export interface PathFault {
  readonly path: readonly PropertyKey[];
  readonly what: string;
}

type Checked = { readonly value: unknown } | { readonly faults: readonly PathFault[] };

/**
 * Checks a value against a schema, collecting every fault. The schema may come from another copy of zod: only its own
 * `safeParse` is used.
 */
export function check(schema: Pick<z.ZodType, 'safeParse'>, value: unknown): Checked {
  const result = schema.safeParse(value, { error: explainIssue });
  return result.success
    ? { value: result.data }
    : { faults: result.error.issues.flatMap((issue) => flatten(issue, [])) };
}

function flatten(issue: Issue, prefix: readonly PropertyKey[]): PathFault[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'invalid_key') return issue.issues.flatMap((inner) => flatten(inner, path));
  if (issue.code === 'invalid_union') return flattenUnion(issue.errors, path);
  return [{ path, what: issue.message.replace(/^Invalid (?:input|string): /, '').replace(' received ', ' got ') }];
}

/** What is wrong with the one choice that was plainly meant, or what all choices expect. */
function flattenUnion(choices: readonly (readonly Issue[])[], path: readonly PropertyKey[]): PathFault[] {
  const meant = choices.filter((issues) => !issues.some((issue) => issue.path.length === 0 && isWrongType(issue)));
  if (meant.length === 1) return meant[0]!.flatMap((issue) => flatten(issue, path));
  const whats = choices.flatMap((issues) => issues.flatMap((issue) => flatten(issue, [])).map(({ what }) => what));
  return [{ path, what: [...new Set(whats)].join(', or ') || 'fits none of the choices' }];
}

const isWrongType = ({ code }: Issue): boolean => code === 'invalid_type' || code === 'invalid_value';
