import { HasteError } from '@hastejs/plugin-api';
import { resolve } from 'node:path';
import type { Registry } from './registry.js';
import { didYouMean } from './suggest.js';

const SHIPPED = 'haste:';

/**
 * The absolute path of a file that a recipe names: relative to the recipe, or `haste:<name>` for one that a plugin ships.
 * @throws HasteError WEIGHTS_UNREADABLE when no loaded plugin ships a file of that name.
 */
export function resolveFile({ plugins }: Registry, baseDir: string, path: string): string {
  if (!path.startsWith(SHIPPED)) return resolve(baseDir, path);
  const name = path.slice(SHIPPED.length);
  const assets = new Map(plugins.flatMap(({ plugin }) => Object.entries(plugin.assets ?? {})));
  const found = assets.get(name);
  if (found !== undefined) return found;
  const known = [...assets.keys()];
  const there =
    known.length > 0 ? `There is ${known.map((each) => SHIPPED + each).join(', ')}.` : 'No plugin ships any.';
  throw new HasteError('WEIGHTS_UNREADABLE', {
    what: `No loaded plugin ships a file called "${name}".${didYouMean(name, known)}`,
    where: path,
    fix: `${there} Other files are named by their path.`,
  });
}
