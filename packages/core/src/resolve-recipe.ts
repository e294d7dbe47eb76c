import type { Plugin } from '@hastejs/plugin-api';
import { z } from 'zod';
import { describe } from './explain-issue.js';
import { faultsError, formatPath } from './faults.js';
import { deepFreeze, plainJson } from './plain-json.js';
import { recipeSchema } from './recipe-schema.js';
import type { Recipe, RecipeInput } from './recipe.js';
import type { Registry } from './registry.js';
import { resolveRef } from './resolve-ref.js';
import { check } from './zod-faults.js';

/**
 * Checks a recipe and fills in every default. The result is plain, frozen JSON, and resolves to itself.
 * @throws HasteError RECIPE_INVALID with every fault and its path.
 */
export function resolveRecipe(registry: Registry, input: RecipeInput): Recipe {
  const schema = recipeSchema({
    plugin: z.unknown().transform((plugin, context) => {
      const name = loadedName(registry, plugin);
      if (typeof name === 'string') return name;
      context.addIssue({ code: 'custom', message: name.fault });
      return z.NEVER;
    }),
    ref: (kind) =>
      z.unknown().transform((reference, context) => {
        const resolved = resolveRef(registry, kind, reference);
        if ('ref' in resolved) return resolved.ref;
        for (const { path, what } of resolved.faults) {
          context.addIssue({ code: 'custom', message: what, path: [...path] });
        }
        return z.NEVER;
      }),
  });
  const checked = check(schema, input);
  if ('value' in checked) return deepFreeze(plainJson(checked.value as Recipe));
  const faults = checked.faults.map(({ path, what }) => ({ where: formatPath(path), what }));
  throw faultsError('RECIPE_INVALID', faults, {
    subject: 'The recipe',
    fix: '`haste plugins` lists every extension with its options; `haste schema` makes editors check recipes as you type.',
  });
}

/** Plugin objects become names, so that the resolved recipe is plain data. */
function loadedName({ plugins }: Registry, plugin: unknown): string | { readonly fault: string } {
  const isObject = typeof plugin === 'object' && plugin !== null;
  const name = isObject ? (plugin as Partial<Plugin>).name : plugin;
  if (typeof name !== 'string')
    return { fault: `expected a plugin or the name of its module, got ${describe(plugin)}` };
  if (plugins.some((loaded) => loaded.plugin.name === name || loaded.source === name)) return name;
  return { fault: `the plugin "${name}" is not loaded: give the recipe's plugins to createHost or withPlugins` };
}
