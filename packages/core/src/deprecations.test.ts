import { defineMetric, definePlugin, defineTrigger, deprecated, reference } from '@hastejs/plugin-api';
import { dataset, samples, student } from '#support/samples.js';
import { z } from 'zod';
import { createHost } from './host.js';
import { recipeJsonSchema } from './json-schema.js';
import { defineRecipe } from './recipe.js';
import { Registry } from './registry.js';

const nothing = () => ({ names: [], every: 1, needsAlignment: false, measure: () => ({}) });
const old = defineMetric({
  id: 'metric/old',
  summary: 'Measures as one did.',
  options: z.strictObject({}),
  deprecated: { since: '1.1.0', use: 'metric/new', until: '2.0.0' },
  create: nothing,
});
const renamed = defineMetric({
  id: 'metric/renamed',
  summary: 'Has options that will go.',
  options: z.strictObject({
    size: deprecated(z.int().optional(), { since: '1.2.0', use: '"window"' }),
    mode: deprecated(z.enum(['a', 'b']).default('a'), { since: '1.2.0', use: 'nothing: there is one mode' }),
    inner: z.strictObject({ deep: deprecated(z.int().optional(), { since: '1.3.0', use: '"depth"' }) }).prefault({}),
    window: z.int().default(10),
  }),
  create: nothing,
});
const wrapper = defineTrigger({
  id: 'trigger/wrapper',
  summary: 'Holds a metric.',
  options: z.strictObject({ metric: reference('metric') }),
  create: () => ({ watches: [], init: () => null, decide: (state) => ({ state }) }),
});
const plugin = definePlugin({ name: 'aging', version: '1.3.0', api: '^1.1.0', extensions: [old, renamed, wrapper] });

async function told(metrics: object[], times = 1, more = {}): Promise<string[]> {
  const warnings: string[] = [];
  const notices = { info: () => undefined, warn: (message: string) => void warnings.push(message) };
  const host = await createHost({ plugins: [samples, plugin], notices });
  const recipe = defineRecipe({
    name: 'x',
    student: student({ depth: 4 }),
    data: dataset({ dir: 'x' }),
    steps: 1,
    metrics: metrics as never,
    ...more,
  });
  for (let i = 0; i < times; i++) host.resolve(i === 0 ? recipe : host.resolve(recipe));
  return warnings;
}

it('names the recipe path, the plugin and the replacement of an extension', async () => {
  expect(await told([old()])).toEqual([
    'metrics.0: metric/old (aging 1.3.0) is deprecated since 1.1.0: use metric/new (it goes in 2.0.0).',
  ]);
});

it('names the replacement of an option, also inside another', async () => {
  expect(await told([renamed({ size: 3, inner: { deep: 1 } })])).toEqual([
    'metrics.0.with.size: the option "size" of metric/renamed (aging 1.3.0) is deprecated since 1.2.0: use "window".',
    'metrics.0.with.inner.deep: the option "deep" of metric/renamed (aging 1.3.0) is deprecated since 1.3.0: use "depth".',
  ]);
});

it('says each thing once, in how many terms and however often it is resolved', async () => {
  expect(await told([old(), old(), renamed({ size: 1 }), renamed({ size: 2 })], 3)).toHaveLength(2);
});

it('is silent about what nobody wrote: defaults, and options left out', async () => {
  expect(await told([renamed(), renamed({ window: 3 }), renamed({ mode: 'a' })], 2)).toEqual([]);
  expect(await told([renamed({ mode: 'b' })])).toHaveLength(1);
});

it('finds what is named inside the options of another extension', async () => {
  const loss = { id: 'loss/sample', with: { hidden: 8 } };
  const layers = { id: 'layers/sample', with: { pairs: [[0, 1]] } };
  const alignment = {
    teacher: 'teacher/sample',
    until: wrapper({ metric: old() }),
    terms: { feature: { loss, layers } },
  };
  const [warning] = await told([], 1, { alignment });
  expect(warning).toMatch(/^alignment\.until\.with\.metric: metric\/old /);
});

it('refuses a mark that says nothing, and one on an option that must be written', async () => {
  const options = z.strictObject({ size: deprecated(z.int(), { since: '1.0.0', use: 'window' }) });
  const stuck = defineMetric({ id: 'metric/stuck', summary: 'Stuck.', options, create: nothing });
  const mute = { ...old, kind: old.kind, deprecated: { since: 'soon', use: '' } };
  const extensions = [stuck, mute] as never;
  const broken = definePlugin({ name: 'broken', version: '1.0.0', api: '^1.1.0', extensions });
  const fault = await createHost({ plugins: [broken] }).catch((error: unknown) => error as { where: string });
  expect((fault as { where: string }).where.split('\n')).toEqual([
    'broken, metric/stuck: options.size: is deprecated and required; make it optional, or give it a default',
    expect.stringMatching(/^broken, metric\/old: deprecated: expected \{ since, use \}, got /),
  ]);
});

it('tells editors', () => {
  const text = JSON.stringify(recipeJsonSchema(Registry.of([{ plugin, source: 'aging' }])));
  expect(text).toContain('"description":"Measures as one did.","deprecated":true');
  expect(text).toMatch(/"size":\{[^}]*"deprecated":true/);
});
