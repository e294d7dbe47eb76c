import { mkdir, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Host, RecipeInput } from '@hastejs/core';
import { writePng } from '@hastejs/data';
import { featureFile, imageFolder, selfTeacher } from '@hastejs/haste';
import { rng, tf } from '@hastejs/tensor';
import { cacheTeachers } from '@hastejs/trainer';
import { forEachBackend, whereItRuns } from '#support/backends.js';
import { TOY_RECIPE } from '#support/toy-recipe.js';
import { teacherLog, toyTeacher } from '#support/toy.js';
import { type ToyRun, temporaryFolder, toyAlignment, toyHost, toyRecipe, toyTrain } from '#support/toy-run.js';

const folder = temporaryFolder();
let host: Host;
beforeAll(async () => {
  host = await toyHost();
});
afterAll(() => host.close());
afterEach(() => expect([tf.memory().numTensors, teacherLog.alive]).toEqual([0, 0]));

type Cache = NonNullable<RecipeInput['alignment']>['cache'];

/** The toy run with its teacher's features kept in a folder of the test's. */
const cachedRecipe = (cache: Cache, change: Partial<RecipeInput> = {}): RecipeInput =>
  toyRecipe({ alignment: { ...toyAlignment(), ...(cache && { cache }) }, steps: 8, ...change });

const fill = (recipe: RecipeInput, signal?: AbortSignal) =>
  cacheTeachers({ host, recipe: host.resolve(recipe), baseDir: folder.path(), ...(signal && { signal }) });

/** Everything in a folder, by path. */
async function contentsOf(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = async (path: string) => [path.slice(root.length), await readFile(path, 'hex')] as const;
  return Object.fromEntries(await Promise.all(files.sort().map(read)));
}

/** Noise as images of two classes. */
async function photos(name: string, count: number, size: number, options: { flip?: boolean } = {}) {
  for (let index = 0; index < count; index++) {
    const path = folder.path(name, index % 2 ? 'odd' : 'even', `${index}.png`);
    await mkdir(dirname(path), { recursive: true });
    const data_HWC = Uint8Array.from(rng(index).integers(size * size, 256));
    await writePng(path, { channels: 1, height: size, width: size, data_HWC });
  }
  return imageFolder({ dir: folder.path(name), size, channels: 1, ...options });
}

const finalWeights = ({ report }: ToyRun) =>
  readFile(join(report.checkpoints.at(-1)!.path, 'params.safetensors'), 'hex');

forEachBackend('a run with a cached teacher', (backend) => {
  const ref = { kind: 'backend', id: `backend/${backend}`, with: {} } as const;

  it('has the numbers of a run with the live one, bit for bit, and never creates it again', async () => {
    const dir = folder.path(backend, 'cache');
    const live = await toyTrain(host, cachedRecipe(undefined, { backend: ref }), { folder: folder.path(backend, 'a') });
    const recipe = cachedRecipe({ dir }, { backend: ref });
    const before = { ...teacherLog };
    const filling = await toyTrain(host, recipe, { folder: folder.path(backend, 'b') });
    // 24 images in batches of 4, and no call in a step.
    expect([teacherLog.encoded - before.encoded, teacherLog.disposed - before.disposed]).toEqual([6, 1]);
    const filled = { ...teacherLog };
    const reading = await toyTrain(host, recipe, { folder: folder.path(backend, 'c') });
    expect(teacherLog).toEqual(filled);
    for (const run of [filling, reading]) {
      expect(run.losses).toEqual(live.losses);
      expect(await finalWeights(run)).toBe(await finalWeights(live));
    }
  });
});

describe.each(['wasm', 'torch'] as const)('a vision transformer on %s', (backend) => {
  whereItRuns(backend, () =>
    it('gives the bits of a training step, though other images were beside when it was cached', async () => {
      const { teacher, terms } = TOY_RECIPE.alignment;
      const layers = { id: 'layers/pairs', with: { pairs: [[1, 2]] } };
      const both = { ...terms, attention: { loss: 'loss/attention', layers } };
      // Not a multiple of the batch.
      const data = await photos(`vit-${backend}`, 24, 28);
      const train = (name: string, cache?: Cache) => {
        const alignment = { teacher, terms: both, ...(cache && { cache }) };
        const recipe = { ...TOY_RECIPE, data, alignment, steps: 4, batchSize: 7, backend: `backend/${backend}` };
        return toyTrain(host, recipe, { folder: folder.path(backend, name) });
      };
      const live = await train('vit-live');
      const cached = await train('vit-cached', { dir: folder.path(backend, 'vit') });
      expect(cached.losses).toEqual(live.losses);
      expect(live.losses.get(4)).toHaveProperty('align/attention');
    }),
  );
});

describe('the cache of a teacher', () => {
  it.each([
    ['bf16', 2 ** -8],
    ['float16', 2 ** -11],
  ] as const)('kept as %s gives numbers that are close, and takes half the room', async (storage, error) => {
    const whole = await toyTrain(host, cachedRecipe(undefined), { folder: folder.path(storage, 'live') });
    const dir = folder.path(storage, 'cache');
    const [filled] = await fill(cachedRecipe({ dir, storage }));
    // Tokens [4, 16] of one site, and q and k [2, 4, 8] of two blocks, of 24 images.
    expect(filled).toMatchObject({ images: 24, done: 0, complete: true, bytes: 24 * 5 * 64 * 2 });
    const run = await toyTrain(host, cachedRecipe({ dir, storage }), { folder: folder.path(storage, 'run') });
    expect(run.losses).not.toEqual(whole.losses);
    for (const [step, losses] of run.losses) {
      expect(losses['align/feature']).toBeCloseTo(whole.losses.get(step)!['align/feature']!, -Math.log10(16 * error));
    }
  });

  it('computes only what is missing: taps of another term, or a shard that was damaged', async () => {
    const dir = folder.path('partial');
    const terms = toyAlignment().terms;
    const only = (name: string) =>
      toyRecipe({ alignment: { teacher: toyTeacher(), cache: { dir }, terms: { [name]: terms[name]! } } });
    expect((await fill(only('feature')))[0]).toMatchObject({ bytes: 24 * 64 * 4 });
    expect((await fill(cachedRecipe({ dir })))[0]).toMatchObject({ bytes: 24 * 4 * 64 * 4, complete: true });
    expect((await fill(only('attention')))[0]).toMatchObject({ bytes: 0, done: 24, complete: true });

    const [name] = await readdir(dir);
    const whole = await contentsOf(dir);
    await truncate(join(dir, name!, 'keys.1-00001-of-00001.safetensors'), 1000);
    await rm(join(dir, name!, 'tokens.final-00001-of-00001.safetensors'));
    expect((await fill(cachedRecipe({ dir })))[0]).toMatchObject({ bytes: 24 * 2 * 64 * 4, complete: true });
    expect(await contentsOf(dir)).toEqual(whole);
  });

  it('keeps every variant of an augmentation, in as many shards as it takes', async () => {
    const dir = folder.path('variants');
    const data = await photos('photos', 9, 8, { flip: true });
    await fill(cachedRecipe({ dir }, { data }), AbortSignal.abort());
    const [name] = await readdir(dir);
    const file = join(dir, name!, 'cache.json');
    // A shard is usually hundreds of megabytes.
    await writeFile(file, (await readFile(file, 'utf8')).replace(/"rowsPerShard": \d+/, '"rowsPerShard": 5'));
    expect((await fill(cachedRecipe({ dir }, { data })))[0]).toMatchObject({ images: 18, bytes: 18 * 5 * 64 * 4 });
    expect((await readdir(join(dir, name!))).filter((each) => each.startsWith('keys.1-'))).toEqual(
      ['00001', '00002', '00003', '00004'].map((shard) => `keys.1-${shard}-of-00004.safetensors`),
    );
    const live = await toyTrain(host, cachedRecipe(undefined, { data }), { folder: folder.path('variants-live') });
    const run = await toyTrain(host, cachedRecipe({ dir }, { data }), { folder: folder.path('variants-run') });
    expect(run.losses).toEqual(live.losses);
  });

  it('says what changed, and computes anew', async () => {
    const dir = folder.path('changed');
    const notes: string[] = [];
    const noted = await toyHost({ info: (message) => notes.push(message), warn: () => undefined });
    const filling = (recipe: RecipeInput) =>
      cacheTeachers({ host: noted, recipe: noted.resolve(recipe), baseDir: folder.path() });
    await filling(cachedRecipe({ dir }));
    expect(notes).toEqual([]);
    await filling(cachedRecipe({ dir, storage: 'bf16' }));
    expect(notes).toEqual([expect.stringContaining('it differs in storage ("float32" then, "bf16" now)')]);
    const wider = { ...toyAlignment(), teacher: toyTeacher({ heads: 3 }), cache: { dir } };
    await filling(toyRecipe({ alignment: wider }));
    expect(notes[1]).toContain('teacher.with.heads (2 then, 3 now)');
    expect(await readdir(dir)).toHaveLength(3);
    await noted.close();
  });

  it('is a feature file for others', async () => {
    const dir = folder.path('shared');
    const path = (await fill(cachedRecipe({ dir })))[0]!.folder;
    const live = await toyTrain(host, cachedRecipe(undefined), { folder: folder.path('shared-live') });
    const alignment = { ...toyAlignment(), teacher: featureFile({ path }) };
    const run = await toyTrain(host, toyRecipe({ alignment, steps: 8 }), { folder: folder.path('shared-run') });
    expect(run.losses).toEqual(live.losses);
  });

  it('interrupted before its end leaves a run that resumes, and goes on where it stopped', async () => {
    const dir = folder.path('interrupted');
    const recipe = cachedRecipe({ dir });
    const place = folder.path('interrupted-run');
    const abort = new AbortController();
    const stopped = await toyTrain(host, recipe, {
      folder: place,
      signal: abort.signal,
      listen: (events) => events.on('teacher-cache:advanced', () => abort.abort()),
    });
    expect(stopped.report).toMatchObject({ status: 'interrupted', step: 0 });
    const [cache] = await readdir(dir);
    expect(await readdir(join(dir, cache!))).toEqual(['cache.json']);
    const resumed = await toyTrain(host, recipe, { folder: place, resume: true });
    expect(resumed.losses).toEqual(
      (await toyTrain(host, cachedRecipe(undefined), { folder: folder.path('interrupted-live') })).losses,
    );
  });

  it('clears up what a killed process left, but not what a living one is writing', async () => {
    const dir = folder.path('drafts');
    const path = (await fill(cachedRecipe({ dir })))[0]!.folder;
    const shard = join(path, 'tokens.final-00001-of-00001.safetensors');
    await rm(shard);
    // No process has this number: it is beyond what systems give.
    await writeFile(`${shard}.999999999.tmp`, 'half');
    await writeFile(`${shard}.${process.ppid}.tmp`, 'half');
    await fill(cachedRecipe({ dir }));
    expect((await readdir(path)).filter((name) => name.endsWith('.tmp'))).toEqual([
      `tokens.final-00001-of-00001.safetensors.${process.ppid}.tmp`,
    ]);
  });
});

describe('refuses', () => {
  it('a teacher whose answers do not follow from the image', async () => {
    const alignment = { ...toyAlignment(), teacher: selfTeacher(), cache: { dir: folder.path('never') } };
    await expect(fill(toyRecipe({ alignment }))).rejects.toThrow(/features of teacher\/self cannot be kept/);
  });

  it('a recipe without any, and a cache beside no teacher', async () => {
    await expect(fill(toyRecipe())).rejects.toThrow(/asks for no teacher cache/);
    const { feature } = toyAlignment().terms;
    const alignment = { ...toyAlignment(), terms: { feature: { ...feature!, cache: {} } } };
    expect(() => host.resolve(toyRecipe({ alignment }))).toThrow(/terms.feature.cache: a term without a teacher/);
  });
});
