import { createHost, readRecipe } from '@hastejs/core';
import { builtins } from '@hastejs/haste';
import { join, sep } from 'node:path';
import recipe from './recipe.js';

describe('the quickstart', () => {
  it.each(['recipe.yaml', 'recipe.json'])('says in %s what it says in TypeScript', async (name) => {
    const host = await createHost({ plugins: builtins });
    const { recipe: input } = await readRecipe(join(__dirname, name));
    expect(host.resolve(input)).toEqual(host.resolve(recipe));
  });

  it('resolves to plain data without a path of this machine', async () => {
    const host = await createHost({ plugins: builtins });
    const text = JSON.stringify(host.resolve(recipe));
    expect(host.resolve(JSON.parse(text))).toEqual(host.resolve(recipe));
    expect(text).not.toContain(__dirname.split(sep).slice(0, 3).join(sep));
  });
});
