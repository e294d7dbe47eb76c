import {
  type AnyExtension,
  HasteError,
  type Ref,
  Services,
  type TeacherEncoder,
  type TeacherSpec,
  defineTeacher,
  fromClass,
  inject,
} from '@hastejs/plugin-api';
import type { Rng } from '@hastejs/tensor';
import { z } from 'zod';
import { dataset, keptNotices, pluginOf, samples, student, thrownBy } from '#support/samples.js';
import { type Host, createHost } from './host.js';
import type { Recipe } from './recipe.js';
import type { RunScope } from './run-scope.js';

const spec: TeacherSpec = { name: 'probe', blocks: 1, width: 1, heads: 1, headDim: 1, grid: { height: 1, width: 1 } };
const notices = keptNotices();
beforeEach(() => void notices.warnings.splice(0));

async function hostOf(...teachers: AnyExtension[]): Promise<Host> {
  return createHost({ plugins: [samples, pluginOf(teachers, { name: 'probes' })], notices, patience: 0.01 });
}
function open(host: Host, change: object = {}, baseDir = '/recipes'): RunScope {
  const input = { name: 'x', student: 'student/sample', data: dataset({ dir: 'images' }), steps: 1 };
  // As a checkpoint gives it back: plain data that nobody froze.
  return host.openRun(JSON.parse(JSON.stringify(host.resolve({ ...input, ...change }))) as Recipe, baseDir);
}
/** A teacher whose create does what the test says. */
const teacher = (id: string, create: (services: { rng: Rng }) => unknown) =>
  defineTeacher({
    id: `teacher/${id}`,
    summary: id,
    options: z.strictObject({}),
    inject: { rng: Services.rng },
    create: (_, s) => create(s) as never,
  });
const whole = (dispose: () => void = () => undefined): TeacherEncoder => ({
  spec,
  encode: () => ({}) as never,
  dispose,
});

it('gives extensions checked options with defaults, and the services of their run', async () => {
  const seen: unknown[] = [];
  const probe = defineTeacher({
    id: 'teacher/probe',
    summary: 'Remembers.',
    options: z.strictObject({ depth: z.number().default(12) }),
    inject: { files: Services.files, recipe: Services.recipe, rng: Services.rng, notices: Services.notices },
    create: (options, services) => {
      seen.push(
        options,
        services.files.resolve('a.bin'),
        services.files.resolve('/b.bin'),
        services.recipe['seed'],
        services.rng.seed,
      );
      expect(services.notices).toBe(notices);
      expect(() => Object.assign(services.recipe, { seed: 7 })).toThrow(TypeError);
      return whole();
    },
  });
  await open(await hostOf(probe), { seed: 5 }).create(probe());
  expect(seen).toEqual([{ depth: 12 }, '/recipes/a.bin', '/b.bin', 5, 5]);
});

it('keeps two runs of one process apart', async () => {
  const host = await hostOf(teacher('seeded', ({ rng }) => ({ ...whole(), seed: rng.seed })));
  const [one, two] = [open(host, { seed: 1 }), open(host, { seed: 2 })];
  const ref: Ref<'teacher'> = { kind: 'teacher', id: 'teacher/seeded', with: {} };
  const [a, b, again] = await Promise.all([one.create(ref), two.create(ref), one.create(ref)]);
  expect([a, b, again]).toMatchObject([{ seed: 1 }, { seed: 2 }, { seed: 1 }]);
  expect(again).not.toBe(a);

  one.provide(Services.student, { name: 'of one' } as never);
  two.provide(Services.student, { name: 'of two' } as never);
  const heard = jest.fn();
  two.events.on('phase:changed', heard);
  one.events.emit('phase:changed', { step: 1, reason: 'one' });
  expect(heard).not.toHaveBeenCalled();

  const closedTwo = jest.fn();
  two.onClose(closedTwo);
  await one.close();
  expect(closedTwo).not.toHaveBeenCalled();
  await expect(two.create(ref)).resolves.toMatchObject({ seed: 2 });
});

it('builds classes through the same container', async () => {
  class Probe implements TeacherEncoder {
    readonly spec = spec;
    constructor(
      readonly options: { size: number },
      @inject(Services.rng) readonly rng: Rng,
      @inject(Services.files) readonly files: { resolve(path: string): string },
    ) {}
    encode = () => ({}) as never;
    dispose(): void {}
  }
  const options = z.strictObject({ size: z.number().default(3) });
  const extension = defineTeacher({ id: 'teacher/class', summary: 'A class.', options, ...fromClass(Probe) });
  const made = (await open(await hostOf(extension), { seed: 9 }).create(extension())) as Probe;
  expect([made.options, made.rng.seed, made.files.resolve('x')]).toEqual([{ size: 3 }, 9, '/recipes/x']);
});

it('closes what it created last in, first out, whether it says dispose or close', async () => {
  const closed: string[] = [];
  const late = teacher('late', () => whole(() => closed.push('late')));
  const early = teacher('early', () => whole(() => closed.push('early')));
  const run = open(await hostOf(early, late));
  await run.create(early());
  run.onClose(async () => void closed.push('between'));
  const second = await run.create(late());
  const third = await run.create(late());
  await run.release(third);
  expect(closed).toEqual(['late']);
  await run.close();
  await run.release(second);
  expect(closed).toEqual(['late', 'late', 'between', 'early']);
});

it('closes at once what was created too late', async () => {
  let finish: (teacher: TeacherEncoder) => void = () => undefined;
  const disposed = jest.fn();
  const slow = teacher('slow', () => new Promise((resolve) => (finish = resolve)));
  const run = open(await hostOf(slow));
  const creating = thrownBy(() => run.create(slow()));
  await new Promise(setImmediate);
  await run.close();
  finish(whole(disposed));
  expect((await creating).message).toMatch(/teacher\/slow.*after its run had closed/);
  expect(disposed).toHaveBeenCalledTimes(1);
});

it.each([
  [
    'throws',
    () => {
      throw new TypeError('no weights');
    },
    /teacher\/bad \(probes 1\.2\.3\) failed while it was created: no weights/,
  ],
  ['rejects', () => Promise.reject(new Error('no net')), /failed while it was created: no net/],
  [
    'throws no error',
    () => {
      throw 'text';
    },
    /failed while it was created: text/,
  ],
  ['gives nothing', () => undefined, /did not create a teacher: expected an object, got undefined/],
  [
    'gives half',
    () => ({ spec, dispose: () => 0 }),
    /did not create a teacher: encode: expected a function, got undefined/,
  ],
])('names plugin, extension and call when create %s', async (_, create, message) => {
  const bad = teacher('bad', create);
  const host = await hostOf(bad);
  const error = await thrownBy(() => open(host).create(bad()));
  expect(error).toMatchObject({ code: 'EXTENSION_FAILED', where: 'teacher/bad (probes 1.2.3), create()' });
  expect(error.message).toMatch(message);
});

it("lets an extension's own HasteError pass", async () => {
  const own = new HasteError('WEIGHTS_UNREADABLE', { what: 'It is truncated.' });
  const bad = teacher('bad', () => {
    throw own;
  });
  const host = await hostOf(bad);
  expect(await thrownBy(() => open(host).create(bad()))).toBe(own);
});

it('refuses options and ids that do not fit', async () => {
  const run = open(await hostOf());
  expect(await thrownBy(() => run.create({ kind: 'student', id: 'student/sample', with: { deph: 3 } }))).toMatchObject({
    code: 'EXTENSION_OPTIONS',
    what: 'student/sample does not take these options.',
    where: 'with: unknown key "deph". Did you mean "depth"?',
  });
  expect(await thrownBy(() => run.create({ kind: 'student', id: 'student/smaple', with: {} }))).toMatchObject({
    code: 'EXTENSION_UNKNOWN',
    where: 'there is no student "student/smaple". Did you mean "student/sample"?',
  });
});

it('says which service is missing, for whom, and what there is', async () => {
  const needy = defineTeacher({
    id: 'teacher/needy',
    summary: 'Needs the student.',
    options: z.strictObject({}),
    inject: { student: Services.student },
    create: () => whole(),
  });
  const run = open(await hostOf(needy));
  const error = await thrownBy(() => run.create(needy()));
  expect(error).toMatchObject({ code: 'SERVICE_UNKNOWN', where: 'teacher/needy (probes 1.2.3)' });
  expect(error.fix).toBe(
    'Inject one of those it offers at this point: notices, rng, backend, recipe, files, extensions.',
  );
  run.provide(Services.student, {} as never);
  await expect(run.create(needy())).resolves.toBeDefined();
});

it('warns about a create that takes long, again after twice as long, and still takes its answer', async () => {
  const slow = teacher('slow', async () => {
    while (notices.warnings.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    return whole();
  });
  const quick = student();
  const run = open(await hostOf(slow));
  await Promise.all([run.create(slow()), run.create(quick)]);
  expect(notices.warnings.slice(0, 2)).toEqual([
    'teacher/slow (probes 1.2.3) is still being created after 0.01 s; it is given up after 3600 s.',
    'teacher/slow (probes 1.2.3) is still being created after 0.02 s; it is given up after 3600 s.',
  ]);
});

it('tells extensions what the host computes on: nothing yet, or the backend chosen last', async () => {
  const seen: unknown[] = [];
  const probe = defineTeacher({
    id: 'teacher/probe',
    summary: 'Looks.',
    options: z.strictObject({}),
    inject: { backend: Services.backend },
    create: (_, { backend }) => {
      seen.push(backend.name);
      return whole();
    },
  });
  const host = await hostOf(probe);
  await open(host).create(probe());
  const { name } = await host.selectBackend();
  await open(host).create(probe());
  expect(seen).toEqual(['none', name]);
});
