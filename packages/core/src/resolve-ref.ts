import type { JsonObject, Kind, Ref } from '@hastejs/plugin-api';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { describe } from './explain-issue.js';
import { KIND_WORDS, aKind } from './kind-words.js';
import { resolveNested } from './nested-refs.js';
import { plainJson } from './plain-json.js';
import type { Registered, Registry } from './registry.js';
import { didYouMean } from './suggest.js';
import { type PathFault, check } from './zod-faults.js';

type Resolved<K extends Kind> =
  | { readonly ref: Ref<K>; readonly registered: Registered<K> }
  /** `unknown`: no such extension. `id`: there is, and its options do not fit. */
  | { readonly faults: readonly PathFault[]; readonly unknown: boolean; readonly id?: string };

/**
 * Finds the extension that a reference names and checks its options against the extension's own schema.
 * @param input `{ kind, id, with }`, `{ id, with }` or an id.
 * @returns the reference with every default filled in, or all faults, with paths inside the reference.
 */
export function resolveRef<K extends Kind>(registry: Registry, kind: K, input: unknown): Resolved<K> {
  if (input === undefined) return fault(`is missing: name ${choices(registry, kind)}`);
  if (typeof input === 'function' && 'id' in input) {
    return fault(
      `expected a reference, got the extension itself: call it, as in ${String(input.id)} → extension({ … })`,
    );
  }
  if (typeof input !== 'string' && (typeof input !== 'object' || input === null || Array.isArray(input))) {
    return fault(`expected ${choices(registry, kind)}, got ${describe(input)}`);
  }
  const shape = check(refShape, typeof input === 'string' ? { id: input } : input);
  if ('faults' in shape) return { faults: shape.faults, unknown: false };
  const { kind: given, id, with: options } = shape.value as z.output<typeof refShape>;
  if (given !== undefined && given !== kind) {
    return fault(`expected ${choices(registry, kind)}, got the ${given} "${id}"`, true);
  }
  const registered = registry.find(kind, id);
  if (!registered) return fault(unknownId(registry, kind, id), true);
  const checked = checkOptions(registry, registered, options);
  if ('faults' in checked) {
    return { faults: checked.faults.map(({ path, what }) => ({ path: ['with', ...path], what })), unknown: false, id };
  }
  return { ref: { kind, id, with: checked.options }, registered };
}

const refShape = z.strictObject({
  kind: z.string().optional(),
  id: z.string(),
  with: z.record(z.string(), z.unknown()).default({}),
});

function checkOptions(
  registry: Registry,
  { extension, plugin }: Registered,
  input: unknown,
): { readonly options: JsonObject } | { readonly faults: readonly PathFault[] } {
  const first = check(extension.options, input);
  if ('faults' in first) return first;
  const nested = resolveNested(plainJson(first.value) as JsonObject, (ref) => resolveRef(registry, ref.kind, ref));
  if (nested.faults.length > 0) return nested;
  const { options } = nested;
  const second = check(extension.options, options);
  // A checkpoint keeps the resolved options, and a resumed run resolves them again.
  if ('value' in second && isDeepStrictEqual(plainJson(second.value), options)) return { options };
  const what = `the options schema of ${plugin.name} turns its own result into something else: it must accept what it gives, as plain JSON`;
  return { faults: [{ path: [], what }] };
}

function unknownId(registry: Registry, kind: Kind, id: string): string {
  const elsewhere = registry.extensions.find(({ extension }) => extension.id === id)?.extension.kind;
  if (elsewhere) return `"${id}" is ${aKind(elsewhere)}, expected ${choices(registry, kind)}`;
  const guess = didYouMean(id, idsOf(registry, kind));
  if (guess) return `there is no ${KIND_WORDS[kind]} "${id}".${guess}`;
  return `no loaded plugin defines the ${KIND_WORDS[kind]} "${id}" (${loaded(registry, kind)}); is its plugin missing from "plugins"?`;
}

const choices = (registry: Registry, kind: Kind): string => `${aKind(kind)} (${loaded(registry, kind)})`;
const loaded = (registry: Registry, kind: Kind): string => `loaded: ${idsOf(registry, kind).join(', ') || 'none'}`;
const idsOf = (registry: Registry, kind: Kind): string[] => registry.ofKind(kind).map(({ extension }) => extension.id);

function fault(what: string, unknown = false): { faults: PathFault[]; unknown: boolean } {
  return { faults: [{ path: [], what }], unknown };
}
