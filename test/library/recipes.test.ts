import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { builtins } from '@hastejs/haste';
import type { Ref } from '@hastejs/plugin-api';

const ROOT = join(__dirname, '../..');
const extensions = builtins.flatMap(({ extensions: own }) => own);
const plugins = [...readdirSync(join(ROOT, 'plugins')), 'backend-torch'];

/** Every reference in what a recipe is made of, at any depth. */
function references(value: unknown): Ref[] {
  if (typeof value !== 'object' || value === null) return [];
  const { kind, id } = value as Partial<Ref>;
  const own = typeof kind === 'string' && typeof id === 'string' ? [value as Ref] : [];
  return [...own, ...Object.values(value).flatMap(references)];
}

it.each(plugins)('%s shows itself in a recipe that holds', (name) => {
  const file = join(ROOT, 'examples/library', name, 'recipe.ts');
  if (!existsSync(file)) throw new Error(`${file} is not there: the README of ${name} shows how a recipe names it.`);
  const found = references({ ...jest.requireActual<object>(file) });
  const shown = found.map(({ kind, id }) => `${kind} ${id}`);
  for (const { kind, id, with: options } of found) {
    const extension = extensions.find((one) => one.kind === kind && one.id === id);
    expect(extension?.options.safeParse(options).error?.issues).toBeUndefined();
  }
  const own = builtins.find((plugin) => plugin.name === `@hastejs/${name}`)!.extensions;
  expect(shown).toEqual(expect.arrayContaining(own.map(({ kind, id }) => `${kind} ${id}`)));
});
