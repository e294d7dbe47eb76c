import {
  DEPRECATION_MARK,
  type Deprecation,
  type Json,
  type JsonObject,
  type Notices,
  type Ref,
  deprecationText,
} from '@hastejs/plugin-api';
import { isDeepStrictEqual } from 'node:util';
import { formatPath } from './faults.js';
import { isRef } from './nested-refs.js';
import { optionsJsonSchema } from './options-schema.js';
import type { Recipe } from './recipe.js';
import type { Registry } from './registry.js';

type Path = readonly PropertyKey[];

/** Something deprecated that a recipe uses. `subject` tells it apart from others, wherever in the recipe it stands. */
interface Use {
  readonly path: Path;
  readonly subject: string;
  readonly deprecation: Deprecation;
}

/**
 * Warns of what is deprecated in recipes: of each extension and option once, however often a recipe is resolved and
 * whatever number of its terms use it.
 */
export function deprecationTeller(notices: Pick<Notices, 'warn'>): (registry: Registry, recipe: Recipe) => void {
  const told = new Set<string>();
  return (registry, recipe) => {
    for (const { path, subject, deprecation } of usesIn(registry, recipe as unknown as Json, [])) {
      if (told.has(subject)) continue;
      told.add(subject);
      notices.warn(`${formatPath(path)}: ${subject} is ${deprecationText(deprecation)}.`);
    }
  };
}

/** Every use in a resolved recipe, references inside options included. */
function usesIn(registry: Registry, value: Json, path: Path): Use[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = isRef(value) ? usesOf(registry, value, path) : [];
  const inner = Object.entries(value).flatMap(([key, entry]) => usesIn(registry, entry as Json, [...path, key]));
  return [...own, ...inner];
}

function usesOf(registry: Registry, ref: Ref, path: Path): Use[] {
  const registered = registry.find(ref.kind, ref.id);
  if (!registered) return [];
  const { extension, plugin } = registered;
  const name = `${ref.id} (${plugin.name} ${plugin.version})`;
  const whole = extension.deprecated ? [{ path, subject: name, deprecation: extension.deprecated }] : [];
  const options = optionUses(optionsJsonSchema(extension.options), ref.with, [...path, 'with']);
  return [...whole, ...options.map((use) => ({ ...use, subject: `the option ${use.subject} of ${name}` }))];
}

/** Options that are set to something else than what they would be anyway: a resolved recipe has every default. */
function optionUses(schema: JsonObject, value: Json | undefined, path: Path): Use[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries((schema['properties'] ?? {}) as JsonObject).flatMap(([key, property]) => {
    const node = property as JsonObject;
    const set = (value as JsonObject)[key];
    if (set === undefined || isDeepStrictEqual(set, node['default'])) return [];
    const here = [...path, key];
    const mark = node[DEPRECATION_MARK] as unknown as Deprecation | undefined;
    const own = mark ? [{ path: here, subject: `"${key}"`, deprecation: mark }] : [];
    return [...own, ...optionUses(node, set, here)];
  });
}
