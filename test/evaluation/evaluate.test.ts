// What is measured while training, what a program scores, and what the command says are one number.
import { Evaluator, frechet } from '@hastejs/haste';
import { type Host, createHost } from '@hastejs/core';
import { builtins } from '@hastejs/haste';
import { readRunLog, train } from '@hastejs/trainer';
import { haste } from '#support/haste.js';
import { TOY_RECIPE } from '#support/toy-recipe.js';
import { temporaryFolder } from '#support/toy-run.js';

const folder = temporaryFolder();
const SAMPLES = 25;
let host: Host;
beforeAll(async () => (host = await createHost({ plugins: builtins })));
afterAll(() => host.close());

it('scores a checkpoint as the metric scored the run there', async () => {
  const metrics = [frechet({ every: 6, samples: SAMPLES, seed: 5 })];
  const recipe = host.resolve({ ...TOY_RECIPE, metrics });
  const run = folder.path('run');
  const report = await train({ host, recipe, baseDir: folder.path(), folder: run });
  const logged = (await readRunLog(run, recipe)).steps.get(12)!;
  expect(report.losses['metric/frechet']?.step).toEqual([6, 12]);

  const evaluator = await Evaluator.open({ host, recipe, baseDir: folder.path(), backend: 'wasm' });
  expect(evaluator.reference.moments.count).toBe(2000);
  const progress: number[] = [];
  const score = await evaluator.score(run, {
    samples: SAMPLES,
    seed: 5,
    onProgress: (done, total) => progress.push(done / total),
  });
  await evaluator.close();
  // Batches differ in size, and a matrix product may round by it.
  expect(score.frechet / logged['metric/frechet']!).toBeCloseTo(1, 5);
  expect(score).toMatchObject({ samples: SAMPLES, accuracy: logged['metric/frechet/accuracy'] });
  expect(progress.at(-1)).toBe(1);

  const said = await haste(['evaluate', run, '--samples', String(SAMPLES), '--seed', '5', '--json'], {
    cwd: folder.path(),
  });
  expect(said.code).toBe(0);
  const { event, step, frechet: distance } = JSON.parse(said.stdout.trim().split('\n').at(-1)!);
  expect([event, step, distance]).toEqual(['evaluation', 12, score.frechet]);
}, 120_000);

it('says which file is no classifier', async () => {
  const said = await haste(['evaluate', folder.path('run'), '--classifier', 'nowhere.safetensors'], {
    cwd: folder.path(),
  });
  expect(said.code).toBe(3);
  expect(said.stderr).toContain('This is no classifier of samples');
});
