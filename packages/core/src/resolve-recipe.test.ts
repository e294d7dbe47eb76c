import * as fc from 'fast-check';
import { dataset, layers, loss, pluginOf, samples, student, teacher, thrownBy, trigger } from '#support/samples.js';
import { z } from 'zod';
import { defineMetric } from '@hastejs/plugin-api';
import { type Recipe, type RecipeInput, defineRecipe } from './recipe.js';
import { Registry } from './registry.js';
import { resolveRecipe } from './resolve-recipe.js';

const registry = Registry.of([{ plugin: samples, source: 'sample' }]);
const resolve = (input: unknown): Recipe => resolveRecipe(registry, input as RecipeInput);
const faultsOf = async (input: unknown): Promise<string[]> => {
  const { code, where } = await thrownBy(() => resolve(input));
  expect(code).toBe('RECIPE_INVALID');
  return where!.split('\n');
};

const plain = { name: 'plain', student: 'student/sample', data: { id: 'data/sample', with: { dir: 'x' } }, steps: 10 };
const aligned = defineRecipe({
  name: 'aligned',
  student: student({ depth: 4 }),
  data: dataset({ dir: 'images' }),
  alignment: {
    teacher: teacher(),
    until: trigger({ step: 5 }),
    terms: { feature: { loss: loss({ hidden: 8 }), layers: layers({ pairs: [[0, 1]] }) } },
  },
  steps: 10,
});

it('fills in every default', () => {
  expect(resolve(plain)).toEqual({
    name: 'plain',
    seed: 0,
    plugins: [],
    precision: 'float32',
    student: { kind: 'student', id: 'student/sample', with: { depth: 12, norm: 'layer', sizes: [], inner: {} } },
    data: { kind: 'dataset', id: 'data/sample', with: { dir: 'x' } },
    path: 'linear',
    time: 'uniform',
    labelDropout: 0.1,
    alignment: null,
    steps: 10,
    batchSize: 256,
    optimizer: { kind: 'optimizer', id: 'optimizer/adamw', with: { lr: 1e-4 } },
    gradientClip: 1,
    ema: { decay: 0.9999 },
    metrics: [],
    loggers: [{ kind: 'logger', id: 'logger/jsonl', with: {} }],
    checkpoints: { every: 1000, keep: 3, at: [] },
    sampling: {
      sampler: { kind: 'sampler', id: 'sampler/euler-maruyama', with: { steps: 250 } },
      guidance: { scale: 1, low: 0, high: 1 },
      perClass: 8,
      seed: 0,
    },
  });
});

it('reads the same from calls, objects and ids', () => {
  const written = resolve({ ...plain, alignment: { ...aligned.alignment, teacher: 'teacher/sample' } });
  const called = resolve({
    ...plain,
    alignment: { ...aligned.alignment, teacher: { id: 'teacher/sample', with: {} } },
  });
  expect(written).toEqual(called);
  expect(written.alignment!.terms['feature']).toMatchObject({ weight: 0.5, loss: loss({ hidden: 8 }) });
});

it('is checked at compile time', () => {
  // @ts-expect-error an extension of another kind
  defineRecipe({ ...aligned, student: teacher() });
  // @ts-expect-error an unknown key
  defineRecipe({ ...aligned, stepz: 3 });
  // @ts-expect-error no data
  expect(() => resolve(defineRecipe({ name: 'x', student: student(), steps: 3 }))).toThrow(/data: is missing/);
});

it('drops what JSON cannot keep', () => {
  const resolved = resolve({ ...plain, backend: undefined, labelDropout: -0 });
  expect(resolved).toStrictEqual(JSON.parse(JSON.stringify(resolved)));
});

it('is frozen to the leaves', () => {
  expect(() => ((resolve(aligned).student.with as { depth: number }).depth = 1)).toThrow(TypeError);
});

it('collects every fault with its path', async () => {
  const terms = {
    feature: { loss: { id: 'loss/sample', with: { hiden: 8, hidden: '8' } }, layers: 'layers/sampel', weight: -1 },
    denoise: aligned.alignment!.terms['feature'],
  };
  const faults = await faultsOf({
    ...plain,
    seed: 1.5,
    batchsize: 3,
    student: { id: 'student/sample', with: { depth: 101, norm: 'batch', inner: { scael: 1 } } },
    data: 'data/sample',
    alignment: { teacher: 'student/sample', terms },
    steps: undefined,
    metrics: ['metric/sample', 7],
    sampling: { guidance: { low: 0.9, high: 0.1 } },
  });
  expect(faults).toEqual([
    'seed: expected whole number, got number 1.5',
    'student.with.depth: expected a number at most 100, got number 101',
    'student.with.norm: expected "layer" or "none", got string "batch"',
    'student.with.inner: unknown key "scael". Did you mean "scale"?',
    'data.with.dir: is missing (expected string)',
    'alignment.teacher: "student/sample" is a student, expected a teacher (loaded: teacher/sample)',
    'alignment.terms.feature.loss.with.hidden: expected number, got string "8"',
    'alignment.terms.feature.loss.with: unknown key "hiden". Did you mean "hidden"?',
    'alignment.terms.feature.layers: there is no choice of target layers "layers/sampel". Did you mean "layers/sample"?',
    'alignment.terms.feature.weight: expected a number at least 0, got number -1',
    'alignment.terms.denoise: "denoise" is a loss every run has',
    'steps: is missing (expected number)',
    'metrics.1: expected a metric (loaded: metric/sample), got number 7',
    'sampling.guidance: low must not be above high',
    'unknown key "batchsize". Did you mean "batchSize"?',
  ]);
});

it.each([
  [{ student: undefined }, /^student: is missing: name a student \(loaded: student\/sample\)$/],
  [
    { student: 'student/dit' },
    /^student: no loaded plugin defines the student "student\/dit" \(loaded: student\/sample\)/,
  ],
  [{ student: student }, /^student: expected a reference, got the extension itself: call it/],
  [{ student: teacher() }, /^student: expected a student .*, got the teacher "teacher\/sample"$/],
  [{ student: { id: 'student/sample', wiht: {} } }, /^student: unknown key "wiht"\. Did you mean "with"\?$/],
  [{ student: { with: {} } }, /^student\.id: is missing/],
  [{ student: [] }, /^student: expected a student .*, got list$/],
  [{ alignment: { teacher: 'teacher/sample', terms: {} } }, /^alignment\.terms: name at least one term/],
  [
    { alignment: { teacher: 'teacher/sample', terms: { 'a b': 1 } } },
    /^alignment\.terms\["a b"\]: a term is named by letters/,
  ],
  [{ name: '../elsewhere' }, /^name: expected up to 100 letters/],
  [{ labelDropout: 1.1 }, /^labelDropout: expected a number at most 1, got number 1\.1$/],
  [{ ema: { decay: 1 } }, /^ema\.decay: expected a number below 1, got number 1$/],
  [{ gradientClip: 0 }, /^gradientClip: expected a number above 0/],
  [{ steps: Infinity }, /^steps: expected number/],
  [{ seed: -1 }, /^seed: expected a number at least 0/],
  [{ path: 'curved' }, /^path: expected "linear" or "cosine", got string "curved"$/],
  [{ plugins: ['acme'] }, /^plugins\.0: the plugin "acme" is not loaded/],
  [{ plugins: [3] }, /^plugins\.0: expected a plugin or the name of its module, got number 3$/],
])('refuses %j in one line', async (change, message) => {
  expect(await faultsOf({ ...plain, ...change })).toEqual([expect.stringMatching(message)]);
});

it.each([[null], ['text'], [[]], [undefined]])('refuses %j for a recipe', async (input) => {
  expect(await faultsOf(input)).toEqual([expect.stringMatching(/expected object/)]);
});

it('picks the choice that was meant when options offer several', async () => {
  const size = { id: 'teacher/sample', with: { size: 'bas' } };
  const alignment = { ...aligned.alignment, teacher: size };
  expect(await faultsOf({ ...plain, alignment })).toEqual([
    expect.stringMatching(
      /^alignment\.teacher\.with\.size: expected "small" or "base", got string "bas", or expected (whole )?number/,
    ),
  ]);
});

it('names plugins by their names, so that the result is plain data', () => {
  expect(resolve({ ...plain, plugins: [samples, 'sample'] }).plugins).toEqual(['sample', 'sample']);
});

it('refuses options that do not resolve to themselves: a checkpoint would not match its own recipe', async () => {
  const options = z.strictObject({ x: z.preprocess((value) => Number(value ?? 0) + 1, z.number()) });
  const create = () => ({ names: [], every: 1, needsAlignment: false, measure: () => ({}) });
  const drifting = pluginOf([defineMetric({ id: 'metric/drift', summary: 'Drifts.', options, create })], {
    name: 'drift',
  });
  const all = Registry.of([samples, drifting].map((plugin) => ({ plugin, source: plugin.name })));
  const input = { ...plain, metrics: [{ id: 'metric/drift', with: { x: 1 } }] };
  const error = await thrownBy(() => resolveRecipe(all, input));
  expect(error.where).toMatch(
    /^metrics\.0\.with: the options schema of drift turns its own result into something else/,
  );
});

describe('a resolved recipe', () => {
  const ref = <T>(id: string, options: fc.Arbitrary<T>) =>
    fc.oneof(
      fc.record({ id: fc.constant(id), with: options }, { requiredKeys: ['id', 'with'] }),
      options.map((o) => ({ kind: undefined, id, with: o })),
    );
  const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  const studentRef = ref(
    'student/sample',
    fc.record(
      {
        depth: fc.integer({ min: 1, max: 100 }),
        norm: fc.constantFrom('layer', 'none'),
        sizes: fc.array(finite(-1e9, 1e9)),
        inner: fc.record({ scale: finite(-1, 1) }, { requiredKeys: [] }),
      },
      { requiredKeys: [] },
    ),
  );
  const term = fc.record(
    {
      loss: fc.oneof(fc.constant('loss/sample'), ref('loss/sample', fc.record({ hidden: fc.integer({ min: 1 }) }))),
      layers: ref('layers/sample', fc.record({ pairs: fc.constant([[0, 0]]) })),
      weight: finite(0, 10),
      teacher: fc.constant('teacher/sample'),
    },
    { requiredKeys: ['loss', 'layers'] },
  );
  const alignment = fc.record(
    {
      teacher: fc.constantFrom('teacher/sample', { id: 'teacher/sample', with: { size: 3 } }),
      until: ref('trigger/sample', fc.record({ step: fc.nat() })),
      terms: fc.dictionary(fc.stringMatching(/^[a-c][\w-]{0,5}$/), term, { minKeys: 1, maxKeys: 3 }),
    },
    { requiredKeys: ['teacher', 'terms'] },
  );
  const recipes = fc.record(
    {
      name: fc.stringMatching(/^[A-Za-z0-9][\w.-]{0,20}$/),
      student: fc.oneof(fc.constant('student/sample'), studentRef),
      data: ref('data/sample', fc.record({ dir: fc.string({ minLength: 1 }) })),
      steps: fc.integer({ min: 1 }),
      seed: fc.maxSafeNat(),
      path: fc.constantFrom('linear', 'cosine'),
      labelDropout: finite(0, 1),
      alignment: fc.oneof(fc.constant(null), alignment),
      gradientClip: fc.oneof(fc.constant(null), finite(1e-9, 1e9)),
      metrics: fc.array(fc.constant('metric/sample'), { maxLength: 2 }),
      ema: fc.record({ decay: finite(0, 0.9999) }, { requiredKeys: [] }),
      sampling: fc.record(
        { perClass: fc.integer({ min: 1 }), guidance: fc.record({ scale: finite(0, 9) }) },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ['name', 'student', 'data', 'steps'] },
  );

  it('is plain JSON and resolves to itself, to the byte', () => {
    fc.assert(
      fc.property(recipes, (input) => {
        const once = JSON.stringify(resolve(input));
        expect(JSON.stringify(resolve(JSON.parse(once)))).toBe(once);
        expect(JSON.parse(once)).toEqual(resolve(input));
      }),
      { numRuns: 100 },
    );
  });
});
