import { type Plugin, Services, defineAlignmentLoss, defineBackend, token } from '@hastejs/plugin-api';
import { z } from 'zod';
import { loss, pluginOf, samples } from '#support/samples.js';
import { checkPlugin } from './plugin-check.js';

const whats = (candidate: unknown): string[] =>
  checkPlugin(candidate, 'here').map(({ where, what }) => `${where}: ${what}`);
const withOptions = (options: unknown): Plugin => pluginOf([{ ...loss, kind: loss.kind, options } as never]);
const withInject = (inject: unknown): Plugin => pluginOf([{ ...loss, kind: loss.kind, inject } as never]);

it('accepts what definePlugin makes, and the same made by another copy of the API', () => {
  expect(whats(samples)).toEqual([]);
  const { kind, id, summary, options, inject, create } = loss;
  const foreign = {
    name: 'x',
    version: '0.0.1',
    api: '1.x',
    extensions: [{ kind, id, summary, options, inject, create }],
  };
  expect(whats(foreign)).toEqual([]);
});

it.each([[undefined], [null], ['text'], [3]])('says what a plugin is when given %p', (candidate) => {
  expect(whats(candidate)).toEqual([expect.stringMatching(/^here: expected a plugin, got .*definePlugin/)]);
});

it('finds every fault of a plugin at once', () => {
  expect(whats({ name: '', version: 'one', api: 7, extensions: [3, { kind: 'losss' }] })).toEqual([
    'here: name: expected the npm package name, got string ""',
    'here: version: expected a version such as "1.2.3", got string "one"',
    'here: api: expected a semver range such as "^1.1.0", got number 7',
    expect.stringMatching(/^here, extensions\.0: expected what a define<Kind>.*got number 3$/),
    expect.stringMatching(/^here, extensions\.1: .*teacher, alignmentLoss.*got kind string "losss"$/),
  ]);
});

it.each(['', 'not a range', '*.*.*.*'])('refuses the api range "%s"', (api) => {
  expect(whats(pluginOf([loss], { api }))).toEqual([expect.stringMatching(/^sample: api: expected a semver range/)]);
});

it.each(['^2.0.0', '>=1.2.0', '0.x'])('names both versions when a plugin is for %s', (api) => {
  const faults = checkPlugin(pluginOf([{} as never], { api }), 'here');
  expect(faults).toEqual([
    {
      code: 'PLUGIN_INCOMPATIBLE',
      where: 'sample',
      what: expect.stringContaining(`for plugin API ${api}, and this is 1.1.0`),
    },
  ]);
});

it('finds every fault of an extension', () => {
  const broken = { kind: 'alignmentLoss', id: 'Feature', summary: ' ', options: {}, inject: null, create: 'x' };
  expect(whats(pluginOf([broken as never]))).toEqual([
    'sample, Feature: id: expected "<prefix>/<name>" in lower case, got string "Feature"',
    'sample, Feature: summary: expected one sentence for people',
    'sample, Feature: options: expected z.strictObject({ … }) of zod 4',
    'sample, Feature: inject: expected services by name, got null',
    'sample, Feature: create: expected a function, got string "x"',
  ]);
});

it.each([
  ['a loose object', z.object({ a: z.number() }), /options: unknown keys/],
  ['an open object', z.looseObject({ a: z.number() }), /options: unknown keys/],
  ['a catch-all', z.strictObject({ a: z.number() }).catchall(z.number()), /options: unknown keys/],
  [
    'a loose object inside',
    z.strictObject({ a: z.strictObject({ b: z.object({ c: z.number() }) }) }),
    /options\.a\.b: unknown/,
  ],
  ['a loose object in a list', z.strictObject({ a: z.array(z.object({ c: z.number() })) }), /options\.a: unknown/],
  ['a loose object in a choice', z.strictObject({ a: z.union([z.string(), z.object({})]) }), /options\.a: unknown/],
  ['a transform', z.strictObject({ a: z.string().transform(Number) }), /plain JSON.*Transforms/],
  ['a date', z.strictObject({ a: z.date() }), /plain JSON.*Date/],
  ['no object', z.string(), /expected z\.strictObject/],
  ['no schema', { parse: () => ({}) }, /expected z\.strictObject/],
])('refuses options with %s', (_, options, message) => {
  expect(whats(withOptions(options))).toEqual([expect.stringMatching(message)]);
});

it('accepts options named like words of JSON Schema, records and strict choices', () => {
  const options = z.strictObject({
    type: z.string().default('object'),
    properties: z.record(z.string(), z.string()).default({ type: 'object', properties: 'any' }),
    choice: z.discriminatedUnion('k', [z.strictObject({ k: z.literal('a') }), z.strictObject({ k: z.literal('b') })]),
  });
  expect(whats(withOptions(options))).toEqual([]);
});

it.each([
  ['what is no token', { x: 'rng' }, /inject\.x: expected a token such as Services\.rng, got string "rng"/],
  ['nothing', { x: undefined }, /inject\.x: expected a token/],
  ['a known service in the wrong scope', { x: token('rng', 'process', '') }, /"rng" belongs to the run scope/],
])('refuses to inject %s', (_, inject, message) => {
  expect(whats(withInject(inject))).toEqual([expect.stringMatching(message)]);
});

it("accepts an embedding program's own tokens", () => {
  expect(whats(withInject({ x: token('acme', 'run', ''), rng: Services.rng }))).toEqual([]);
});

it('keeps services of a run from backends', () => {
  const backend = defineBackend({
    id: 'backend/x',
    summary: 'x',
    options: z.strictObject({}),
    inject: { rng: Services.rng as never },
    create: () => ({}) as never,
  });
  expect(whats(pluginOf([backend]))).toEqual([expect.stringMatching(/a backend is created once a process.*"rng"/)]);
});

it('works for extensions that were never frozen or callable', () => {
  const source = { id: 'loss/x', summary: 'x', options: z.strictObject({}), create: () => ({}) as never };
  expect(whats(pluginOf([{ ...defineAlignmentLoss(source), kind: 'alignmentLoss' } as never]))).toEqual([]);
});
