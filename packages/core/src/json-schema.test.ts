import { dataset, layers, loss, samples, student, teacher, trigger } from '#support/samples.js';
import type { JsonObject } from '@hastejs/plugin-api';
import { schemaFaults } from '#support/json-schema.js';
import { recipeJsonSchema } from './json-schema.js';
import type { RecipeInput } from './recipe.js';
import { Registry } from './registry.js';
import { resolveRecipe } from './resolve-recipe.js';

const registry = Registry.of([{ plugin: samples, source: 'sample' }]);
const schema = recipeJsonSchema(registry);
const recipe: RecipeInput = {
  name: 'aligned',
  student: student({ depth: 4 }),
  data: dataset({ dir: 'images' }),
  alignment: {
    teacher: teacher({ size: 3 }),
    until: trigger({ step: 5 }),
    terms: { feature: { loss: 'loss/sample', layers: layers({ pairs: [[0, 1]] }), teacher: 'teacher/sample' } },
  },
  steps: 10,
};
const faults = (value: unknown): string[] => schemaFaults(schema, value);

it('accepts what people write and what it resolves to', () => {
  expect(faults(recipe)).toEqual([]);
  expect(faults(resolveRecipe(registry, recipe))).toEqual([]);
  expect(faults({ ...recipe, student: { id: 'student/sample' } })).toEqual([]);
  expect(faults({ ...recipe, alignment: null, $schema: './recipe.schema.json' })).toEqual([]);
});

it.each([
  ['an unknown key', { stepz: 1 }],
  ['a value out of range', { labelDropout: 2 }],
  ['an unknown extension', { student: 'student/none' }],
  ['a misspelt option', { student: { id: 'student/sample', with: { deph: 3 } } }],
  ['an option of the wrong type', { student: { id: 'student/sample', with: { depth: 'x' } } }],
  ['an extension of another kind', { student: loss() }],
  ['an id alone where options are required', { data: 'data/sample' }],
  ['a term without layers', { alignment: { teacher: 'teacher/sample', terms: { a: { loss: 'loss/sample' } } } }],
])('refuses %s, as resolving does', (_, change) => {
  const changed = { ...recipe, ...change } as RecipeInput;
  expect(() => resolveRecipe(registry, changed)).toThrow(/RECIPE_INVALID/);
  expect(faults(changed)).not.toEqual([]);
});

it('requires what has no default, and nothing else', () => {
  expect(schema['required']).toEqual(['name', 'student', 'data', 'steps']);
});

it('tells editors what each extension is', () => {
  const { student } = schema['properties'] as { student: JsonObject };
  expect(JSON.stringify(student)).toContain('"description":"A student."');
});
