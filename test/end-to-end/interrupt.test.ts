import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HasteProcess, haste, records } from '#support/haste.js';
import { TOY_RECIPE } from '#support/toy-recipe.js';

describe('Ctrl-C', () => {
  let cwd: string;
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'haste-interrupt-'));
    await writeFile(join(cwd, 'recipe.json'), JSON.stringify({ ...TOY_RECIPE, steps: 60, checkpoints: { every: 50 } }));
  });
  afterAll(() => rm(cwd, { recursive: true, force: true }));

  const train = (dir: string) => new HasteProcess(['train', 'recipe.json', '--dir', dir, '--json'], { cwd });
  const stepsOf = (stdout: string) =>
    records(stdout.slice(0, stdout.lastIndexOf('\n') + 1)).filter(({ event }) => event === 'step:completed').length;
  async function weights(dir: string): Promise<string[]> {
    const files = ['params', 'ema', 'optimizer'].map((name) =>
      join(cwd, dir, `checkpoints/step-00000060/${name}.safetensors`),
    );
    return Promise.all(
      files.map(async (file) =>
        createHash('sha256')
          .update(await readFile(file))
          .digest('hex'),
      ),
    );
  }

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'saves on %s, and a resumed run ends as if nothing had happened',
    async (signal) => {
      const whole = await train(`whole-${signal}`).finished;
      expect(whole.code).toBe(0);

      const run = train(`cut-${signal}`);
      await run.until(({ stdout }) => stepsOf(stdout) >= 3);
      run.child.kill(signal);
      const cut = await run.finished;
      expect(cut).toMatchObject({ code: 130, signal: null, stderr: '' });
      const done = stepsOf(cut.stdout);
      expect(done).toBeLessThan(60);
      expect(records(cut.stdout).at(-1)).toMatchObject({ event: 'report', status: 'interrupted', step: done });

      const resumed = await haste(['resume', `cut-${signal}`, '--json'], { cwd });
      expect(resumed).toMatchObject({ code: 0, stderr: '' });
      expect(records(resumed.stdout)).toContainEqual(expect.objectContaining({ event: 'run:started', step: done }));
      expect(stepsOf(resumed.stdout)).toBe(60 - done);
      expect(await weights(`cut-${signal}`)).toEqual(await weights(`whole-${signal}`));
      const picture = (dir: string) => readFile(join(cwd, dir, 'samples.png'));
      expect(await picture(`cut-${signal}`)).toEqual(await picture(`whole-${signal}`));
    },
    60_000,
  );

  it('pressed twice ends at once, and the last checkpoint goes on', async () => {
    await writeFile(
      join(cwd, 'long.json'),
      JSON.stringify({ ...TOY_RECIPE, steps: 100_000, batchSize: 64, checkpoints: { every: 2 } }),
    );
    const run = new HasteProcess(['train', 'long.json', '--dir', 'long', '--json'], { cwd });
    await run.until(({ stdout }) => stepsOf(stdout) >= 3);
    // Both at once are one press: the terminal and npm each pass it on.
    run.child.kill('SIGINT');
    run.child.kill('SIGINT');
    expect(await run.finished).toMatchObject({ code: 130, signal: null });
    const resumed = new HasteProcess(['resume', 'long'], { cwd });
    await resumed.until(({ stderr }) => stderr.includes('resuming at step'));
    resumed.child.kill('SIGTERM');
    expect(await resumed.finished).toMatchObject({
      code: 130,
      stdout: expect.stringContaining('npx haste resume long'),
    });
  });
});
