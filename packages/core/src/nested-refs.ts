import { KINDS, type Json, type JsonObject, type Ref } from '@hastejs/plugin-api';
import type { PathFault } from './zod-faults.js';

type Resolve = (ref: Ref) => { readonly ref: Ref } | { readonly faults: readonly PathFault[] };

/**
 * Resolves the references inside options, wherever they are. What makes a reference is its shape, `{ kind, id, with }` with
 * a known kind: options are plain data of plugins that may bring their own copy of zod, so schemas are not walked.
 */
export function resolveNested(
  options: JsonObject,
  resolve: Resolve,
): { readonly options: JsonObject; readonly faults: readonly PathFault[] } {
  const faults: PathFault[] = [];
  const walk = (value: Json, path: readonly PropertyKey[]): Json => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return (value as Json[]).map((entry, index) => walk(entry, [...path, index]));
    if (!isRef(value)) {
      const entries = Object.entries(value).map(([key, entry]) => [key, walk(entry, [...path, key])] as const);
      return Object.fromEntries(entries);
    }
    const found = resolve(value);
    if ('ref' in found) return found.ref as unknown as Json;
    for (const { path: inner, what } of found.faults) faults.push({ path: [...path, ...inner], what });
    return value as unknown as Json;
  };
  return { options: walk(options, []) as JsonObject, faults };
}

/** By shape: a plugin may have been made by another copy of the plugin API. */
export function isRef(value: object): value is Ref {
  const { kind, id, with: options, ...rest } = value as { readonly [key: string]: unknown };
  return (
    KINDS.includes(kind as never) &&
    typeof id === 'string' &&
    typeof options === 'object' &&
    options !== null &&
    Object.keys(rest).length === 0
  );
}
