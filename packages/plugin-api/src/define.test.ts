import { z } from 'zod';
import * as api from './index.js';
import { type Ref, Services, defineBackend, defineMetric, definePlugin, defineSampler, token } from './index.js';

const sampler = defineSampler({
  id: 'sampler/still',
  summary: 'Does not move.',
  options: z.strictObject({ steps: z.number().int().default(250), names: z.array(z.string()).optional() }),
  inject: { rng: Services.rng },
  create: ({ steps }, { rng }) => ({ sample: async () => new Float64Array(steps + rng.seed) }),
});
const named = defineSampler({
  id: 'sampler/named',
  summary: 'Needs a name.',
  options: z.strictObject({ name: z.string() }),
  create: () => ({ sample: async () => new Float64Array(0) }),
});

it('gives plain data when called, with the options as they were written', () => {
  expect(sampler()).toEqual({ kind: 'sampler', id: 'sampler/still', with: {} });
  const ref: Ref<'sampler'> = sampler({ steps: 3 });
  expect(JSON.parse(JSON.stringify(ref))).toEqual({ kind: 'sampler', id: 'sampler/still', with: { steps: 3 } });
});

it('is called with nothing where it has no options', () => {
  const create = () => ({ names: [], every: 1, needsAlignment: false, measure: () => ({}) });
  const metric = defineMetric({ id: 'metric/x', summary: 'Measures nothing.', options: z.strictObject({}), create });
  expect(metric()).toEqual({ kind: 'metric', id: 'metric/x', with: {} });
});

it('does not share options between calls', () => {
  const options = { steps: 3 };
  const ref = sampler(options);
  options.steps = 4;
  expect(ref.with).toEqual({ steps: 3 });
});

it('carries what core needs, and cannot be changed', () => {
  expect({ ...sampler }).toMatchObject({
    kind: 'sampler',
    id: 'sampler/still',
    summary: 'Does not move.',
    inject: { rng: Services.rng },
  });
  expect(named.inject).toEqual({});
  expect(() => Object.assign(sampler, { id: 'sampler/other' })).toThrow(TypeError);
});

it('creates with checked options and services by name', async () => {
  const made = await sampler.create({ steps: 3 }, { rng: { seed: 4 } as never });
  expect(await made.sample({} as never)).toHaveLength(7);
});

it('has a define helper for every kind, and no other', () => {
  const helpers = Object.entries(api).filter(([name]) => /^define(?!Plugin)/.test(name));
  const kinds = helpers.map(([name, define]) => {
    const source = { id: 'a/b', summary: 'x', options: z.strictObject({}), create: () => ({}) };
    const { kind } = (define as (source: object) => { kind: string })(source);
    expect(`define${kind[0]!.toUpperCase()}${kind.slice(1)}`).toBe(name);
    return kind;
  });
  expect(kinds.toSorted()).toEqual([...api.KINDS].toSorted());
});

it('checks recipes and injections at compile time', () => {
  const source = { id: 'backend/x', summary: 'x', options: z.strictObject({}), create: () => ({}) as never };
  // @ts-expect-error an unknown option
  sampler({ stepz: 3 });
  // @ts-expect-error an option of the wrong type
  sampler({ steps: 'three' });
  // @ts-expect-error a required option left out
  named();
  // @ts-expect-error an option where there is none
  defineBackend({ ...source, options: z.strictObject({}) })({ steps: 3 });
  // @ts-expect-error a reference of another kind
  const _teacher: Ref<'teacher'> = sampler();
  // @ts-expect-error a backend lives in the process and cannot have a service of a run
  defineBackend({ ...source, inject: { rng: Services.rng } });
  expect(defineBackend({ ...source, inject: { notices: Services.notices } }).kind).toBe('backend');
});

it('makes plugins that cannot be changed, not even through the list they were made from', () => {
  const extensions = [sampler];
  const plugin = definePlugin({ name: 'x', version: '1.0.0', api: '^1.0.0', extensions });
  extensions.pop();
  expect(plugin.extensions).toEqual([sampler]);
  expect(() => Object.assign(plugin, { name: 'y' })).toThrow(TypeError);
  expect(() => (plugin.extensions as unknown[]).push(named)).toThrow(TypeError);
});

it('knows what was made with another copy of it', async () => {
  const source = { name: 'x', version: '1.0.0', api: '^1.0.0', extensions: [] };
  expect(api.foreignCopy(definePlugin(source))).toBeNull();
  expect(api.foreignCopy(source)).toBeNull();
  await jest.isolateModulesAsync(async () => {
    const other = await import('./index.js');
    expect(api.foreignCopy(other.definePlugin(source))).toEqual({ version: api.PLUGIN_API_VERSION });
    expect(other.foreignCopy(other.definePlugin(source))).toBeNull();
  });
});

it('names every service once, with its scope', () => {
  const all = Object.entries(Services);
  for (const [name, { key, scope, summary }] of all) {
    expect([key, ['process', 'run'].includes(scope), summary]).toEqual([name, true, expect.stringMatching(/\.$/)]);
  }
  expect(token('a', 'run', 'A.')).toEqual({ key: 'a', scope: 'run', summary: 'A.' });
});
