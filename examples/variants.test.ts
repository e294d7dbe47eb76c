// Each published variant's example is a recipe that trains: here for a few steps, past the end of its alignment if it has one.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Host, type RecipeInput, createHost } from '@hastejs/core';
import { builtins, fashionMnist, fixed, sit } from '@hastejs/haste';
import { tf } from '@hastejs/tensor';
import { temporaryFolder, toyTrain } from '#support/toy-run.js';

const VARIANTS = ['dispersive', 'irepa', 'per-time-weighting', 'relation', 'token-weighting'];
const folder = temporaryFolder();
let host: Host;
beforeAll(async () => {
  host = await createHost({ plugins: builtins });
});
afterAll(() => host.close());

const recipeOf = (name: string) => jest.requireActual<{ default: RecipeInput }>(`./${name}/recipe.ts`).default;

it('has a test for every example that is a recipe', () => {
  const recipes = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('recipe.ts') && !path.startsWith('library'),
  );
  expect(recipes.sort()).toEqual([...VARIANTS, 'plugin', 'quickstart'].sort().map((name) => join(name, 'recipe.ts')));
});

describe.each(VARIANTS)('%s', (name) => {
  it('is plain data, named after its folder, and differs from the quickstart in its alignment alone', () => {
    const recipe = host.resolve(recipeOf(name));
    expect(host.resolve(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe);
    const { alignment: _, name: own, ...rest } = recipe;
    const { alignment: __, name: ___, ...quickstart } = host.resolve(recipeOf('quickstart'));
    expect(own).toBe(name);
    expect(rest).toEqual(quickstart);
  });

  it('trains, and lets go', async () => {
    const { alignment, ...rest } = recipeOf(name);
    const small: RecipeInput = {
      ...rest,
      student: sit({ hiddenSize: 32, depth: 4, numHeads: 2, patchSize: 4 }),
      data: fashionMnist({ source: 'shipped' }),
      alignment: { ...alignment!, ...(alignment!.until && { until: fixed({ step: 2 }) }) },
      steps: 3,
      batchSize: 4,
      backend: 'backend/wasm',
    };
    const { losses, report } = await toyTrain(host, small, { folder: folder.path(name) });
    const terms = Object.keys(alignment!.terms).map((term) => `align/${term}`);
    for (const term of terms) expect(losses.get(1)).toHaveProperty([term], expect.any(Number));
    for (const term of terms) expect(term in losses.get(3)!).toBe(alignment!.until === undefined);
    expect(report.status).toBe('finished');
    expect(tf.memory().numTensors).toBe(0);
  });
});
