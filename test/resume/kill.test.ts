import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HasteProcess } from '#support/haste.js';
import { temporaryFolder } from '#support/toy-run.js';

const RECIPE = join(__dirname, 'fixtures/toy-recipe.ts');
const MOST_KILLS = 8;
const folder = temporaryFolder();

/** Starts the command, kills it with no warning at a random moment of its training, and says whether it had finished. */
async function runAndKill(args: readonly string[], within: number): Promise<boolean> {
  const haste = new HasteProcess([...args, '--json'], { cwd: folder.path() });
  await haste.until(({ stdout }) => stdout.includes('run:started'));
  await new Promise((resolve) => setTimeout(resolve, Math.random() * within));
  haste.child.kill('SIGKILL');
  return (await haste.finished).signal === null;
}

async function finish(args: readonly string[]): Promise<void> {
  const { code, stderr } = await new HasteProcess([...args, '--json'], { cwd: folder.path() }).finished;
  expect({ code, stderr }).toMatchObject({ code: 0 });
}

/** Everything that must be equal in the end: tensors byte for byte, curves, the phase change, the samples. */
async function outcome(run: string) {
  const checkpoint = folder.path(run, 'checkpoints', 'step-00000060');
  const names = (await readdir(checkpoint)).filter((name) => name.endsWith('.safetensors'));
  const tensors = await Promise.all(names.map((name) => readFile(join(checkpoint, name), 'hex')));
  const { losses, phaseChange } = JSON.parse(await readFile(folder.path(run, 'report.json'), 'utf8'));
  return { names, tensors, losses, phaseChange, samples: await readFile(folder.path(run, 'samples.png'), 'hex') };
}

it('survives kill -9 at random moments, checkpoints included, and ends as if nothing had happened', async () => {
  const started = performance.now();
  await finish(['train', RECIPE, '--dir', 'whole']);
  const whole = await outcome('whole');
  // Long enough to get somewhere, short enough to be killed several times on the way.
  const within = (performance.now() - started) / 3;

  let [kills, ended] = [0, await runAndKill(['train', RECIPE, '--dir', 'killed'], within)];
  while (!ended && ++kills < MOST_KILLS) {
    const hasCheckpoint = (await readdir(folder.path('killed', 'checkpoints'))).some((name) =>
      name.startsWith('step-'),
    );
    const args = hasCheckpoint ? ['resume', 'killed'] : ['train', RECIPE, '--dir', 'killed', '--fresh'];
    ended = await runAndKill(args, within);
  }
  expect(kills).toBeGreaterThan(0);
  if (!ended) await finish(['resume', 'killed']);
  expect(await outcome('killed')).toEqual(whole);
  expect((await readdir(folder.path('killed', 'checkpoints'))).filter((name) => name.startsWith('.draft'))).toEqual([]);
}, 240_000);
