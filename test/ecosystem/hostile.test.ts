// Plugins that misbehave, met by a real run: each ends in the error that a person would want, naming plugin, extension and call.
import { tf } from '@hastejs/tensor';
import { temporaryFolder } from '#support/toy-run.js';
import { type Misdeeds, endsAfterOneStep, hostileRecipe, meet } from './hostile-plugin.js';

const folder = temporaryFolder();
let runs = 0;
const nextFolder = () => folder.path(`run-${runs++}`);

const boom = () => {
  throw new TypeError('boom');
};
const rejects = () => Promise.reject(new Error('no net'));
const never = () => new Promise<never>(() => undefined);
const teacherName = 'teacher/acme (@acme/hostile 1.2.3)';
const name = (id: string) => `${id} (@acme/hostile 1.2.3)`;

const THROWS: [call: string, Misdeeds, what: string, where: string][] = [
  ['create', { createTeacher: boom }, `${teacherName} failed while it was created: boom`, `${teacherName}, create()`],
  [
    'init of a loss',
    { loss: { init: boom } },
    `${name('loss/acme')} failed in init(): boom`,
    `${name('loss/acme')}, init()`,
  ],
  ['encode', { teacher: { encode: boom } }, `${teacherName} failed in encode(): boom`, `${teacherName}, encode()`],
  ['loss', { loss: { loss: boom } }, `${name('loss/acme')} failed in loss(): boom`, `${name('loss/acme')}, loss()`],
  [
    'init',
    { trigger: { init: boom } },
    `${name('trigger/acme')} failed in init(): boom`,
    `${name('trigger/acme')}, init()`,
  ],
  [
    'decide',
    { trigger: { decide: boom } },
    `${name('trigger/acme')} failed in decide(): boom`,
    `${name('trigger/acme')}, decide()`,
  ],
  [
    'measure',
    { metric: { measure: rejects } },
    `${name('metric/acme')} failed in measure(): no net`,
    `${name('metric/acme')}, measure()`,
  ],
  [
    'read',
    { data: { read: rejects } },
    `${name('data/acme')} failed in read(): no net`,
    `${name('data/acme')}, read()`,
  ],
  [
    'start of a logger',
    { logger: { start: boom } },
    `${name('logger/acme')} failed in start(): boom`,
    `${name('logger/acme')}, start()`,
  ],
];

it.each(THROWS)('a throw in %s names plugin, extension and call', async (_, misdeeds, what, where) => {
  const { error, left } = await meet(misdeeds, nextFolder());
  expect(error).toMatchObject({ code: 'EXTENSION_FAILED', what, where });
  expect(error!.fix).toMatch(/[Rr]eport this to the author of the plugin\./);
  expect(left).toBe(0);
  expect((error as { cause?: unknown }).cause).toBeInstanceOf(Error);
});

const state = (value: unknown) => ({ trigger: { decide: () => ({ state: value }) } });
const WRONG: [call: string, Misdeeds, says: string][] = [
  [
    'encode: nothing',
    { teacher: { encode: () => undefined } },
    `${teacherName} gave a wrong answer to encode(): expected tokens and attention by site, got undefined.`,
  ],
  [
    'encode: another shape',
    { teacher: { encode: () => ({ tokens: new Map([[1, tf.ones([2, 5, 6])]]), attention: new Map() }) } },
    `${teacherName} gave a wrong answer to encode(): tokens of 1: expected a tensor [2, 4, 6], got [2, 5, 6].`,
  ],
  [
    'encode: not the tap that was asked for',
    { teacher: { encode: () => ({ tokens: new Map([[0, tf.ones([2, 4, 6])]]), attention: new Map() }) } },
    `${teacherName} gave a wrong answer to encode(): tokens of 1: expected a tensor [2, 4, 6], got undefined.`,
  ],
  [
    'encode: a promise',
    { teacher: { encode: rejects } },
    `${teacherName} gave a wrong answer to encode(): a promise, where the answer must be there at once.`,
  ],
  [
    'loss: one for each sample',
    { loss: { loss: (student: never) => tf.mean(student, [1, 2]) } },
    `${name('loss/acme')} gave a wrong answer to loss(): expected a scalar, got [2].`,
  ],
  [
    'decide: nothing',
    { trigger: { decide: () => undefined } },
    `${name('trigger/acme')} gave a wrong answer to decide(): expected { state, … }, got undefined.`,
  ],
  [
    'decide: NaN in its state',
    state({ mean: [1, NaN] }),
    `${name('trigger/acme')} gave a wrong answer to decide(): its state must be plain JSON, and at mean.1 is NaN.`,
  ],
  [
    'decide: a state that is no JSON',
    state({ seen: new Set([1]) }),
    `${name('trigger/acme')} gave a wrong answer to decide(): its state must be plain JSON, and at seen is of the class Set.`,
  ],
  [
    'decide: yes',
    { trigger: { decide: () => ({ state: null, stop: true }) } },
    `${name('trigger/acme')} gave a wrong answer to decide(): stop: expected one sentence for people, got boolean true.`,
  ],
  [
    'decide: a weight of NaN',
    { trigger: { decide: () => ({ state: null, weight: NaN }) } },
    `${name('trigger/acme')} gave a wrong answer to decide(): weight: expected a factor from 0 to 1, got number NaN.`,
  ],
  [
    'measure: text',
    { metric: { measure: () => ({ acme: 'high' }) } },
    `${name('metric/acme')} gave a wrong answer to measure(): acme: expected a number, got string "high".`,
  ],
  [
    'measure: what it did not announce',
    { metric: { measure: () => ({ other: 1 }) } },
    `${name('metric/acme')} gave a wrong answer to measure(): other: it did not say that it would measure this, only acme.`,
  ],
  [
    'read: too few pixels',
    { data: { read: async () => ({ images_BCHW: new Uint8Array(64), labels_B: new Int32Array(2) }) } },
    `${name('data/acme')} gave a wrong answer to read(): images_BCHW: expected 128 entries, got 64.`,
  ],
  [
    'read: a class that is not there',
    { data: { read: async () => ({ images_BCHW: new Uint8Array(128), labels_B: Int32Array.of(0, 2) }) } },
    `${name('data/acme')} gave a wrong answer to read(): labels_B: there is no class 2, only 0 to 1.`,
  ],
];

it.each(WRONG)('a wrong answer to %s is told as what it is', async (_, misdeeds, says) => {
  const { error } = await meet(misdeeds, nextFolder());
  expect(error).toMatchObject({ code: 'EXTENSION_FAILED', what: says });
});

it.each<[string, Misdeeds, string]>([
  ['a throw in scalars', { logger: { scalars: boom } }, `${name('logger/acme')} failed in scalars(): boom`],
  [
    'a rejected promise of scalars',
    { logger: { scalars: rejects } },
    `${name('logger/acme')} failed in scalars(): no net`,
  ],
  ['a throw in close', { logger: { close: boom } }, `${name('logger/acme')} could not be closed: boom`],
  ['a rejected promise of close', { logger: { close: rejects } }, `${name('logger/acme')} could not be closed: no net`],
  ['a throw in dispose', { teacher: { dispose: boom } }, `${teacherName} could not be closed: boom`],
  ['a rejected promise of dispose', { data: { dispose: rejects } }, `${name('data/acme')} could not be closed: no net`],
  ['a measurement of NaN', { metric: { measure: () => ({ acme: NaN }) } }, 'metric/acme was NaN after step 1'],
])('%s is a warning, and the run finishes', async (_, misdeeds, warning) => {
  const { error, warnings } = await meet(misdeeds, nextFolder());
  expect(error).toBeNull();
  expect(warnings.filter((line) => line.startsWith(warning))).toHaveLength(1);
});

it('a throw in dispose does not keep phase II from coming', async () => {
  const recipe = endsAfterOneStep(hostileRecipe());
  const { error, warnings } = await meet({ teacher: { dispose: boom } }, nextFolder(), { recipe });
  expect(error).toBeNull();
  expect(warnings).toEqual([`${teacherName} could not be closed: boom`]);
});

describe('what never answers', () => {
  const waiting = { patience: 0.05, timeLimit: 0.1 };
  const limit = 'within 0.1 s.';

  it.each<[string, Misdeeds, string]>([
    ['create', { createTeacher: never }, `${teacherName} did not answer create() ${limit}`],
    ['measure', { metric: { measure: never } }, `${name('metric/acme')} did not answer measure() ${limit}`],
    ['read', { data: { read: never } }, `${name('data/acme')} did not answer read() ${limit}`],
    ['start', { logger: { start: never } }, `${name('logger/acme')} did not answer start() ${limit}`],
  ])('is named while %s is waited for, and given up', async (call, misdeeds, what) => {
    const { error, warnings } = await meet(misdeeds, nextFolder(), waiting);
    expect(error).toMatchObject({ code: 'EXTENSION_FAILED', what });
    expect(error!.fix).toContain('HASTE_TIME_LIMIT');
    expect(warnings).toContainEqual(expect.stringMatching(/ after 0\.05 s; it is given up after 0\.1 s\.$/));
    expect(warnings.join()).toContain(call === 'create' ? 'still being created' : `has not answered ${call}()`);
  });

  it('does not keep a run from ending when it should close', async () => {
    const { error, warnings } = await meet(
      { teacher: { dispose: never }, logger: { close: never } },
      nextFolder(),
      waiting,
    );
    expect(error).toBeNull();
    expect(warnings).toContain(
      `${teacherName} could not be closed: ${teacherName} did not answer dispose() within 0.1 s`,
    );
    expect(warnings).toContain(
      `${name('logger/acme')} could not be closed: ${name('logger/acme')} did not answer close() within 0.1 s`,
    );
  });

  it('is left alone on Ctrl-C while it is created, and disposed of when it comes after all', async () => {
    const abort = new AbortController();
    const disposed = jest.fn();
    let come: (value: unknown) => void = () => undefined;
    const createTeacher = () => {
      setTimeout(() => abort.abort());
      return new Promise((resolve) => (come = resolve));
    };
    const { error } = await meet({ createTeacher }, nextFolder(), { signal: abort.signal });
    expect(error).toMatchObject({
      code: 'INTERRUPTED',
      what: `Interrupted while ${teacherName} had not yet answered create(); no step was taken.`,
    });
    come({ dispose: disposed });
    await new Promise(setImmediate);
    expect(disposed).toHaveBeenCalledTimes(1);
  });
});
