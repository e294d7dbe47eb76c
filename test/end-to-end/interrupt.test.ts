import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { HasteProcess, haste, records } from '#support/haste.js';
import { TOY_RECIPE } from '#support/toy-recipe.js';

/** Enough for the signal to arrive before the run is over by itself. */
const STEPS = 300;
/** No checkpoint comes to the help of one who waits for a signal: only the run's end, and its phase change before. */
const checkpoints = { every: 1_000_000 };

describe('Ctrl-C', () => {
  let cwd: string;
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'haste-interrupt-'));
    await writeFile(join(cwd, 'recipe.json'), JSON.stringify({ ...TOY_RECIPE, steps: STEPS, checkpoints }));
    await writeFile(join(cwd, 'endless.json'), JSON.stringify({ ...TOY_RECIPE, steps: 1_000_000, checkpoints }));
  });
  afterAll(() => rm(cwd, { recursive: true, force: true }));

  const train = (dir: string) => new HasteProcess(['train', 'recipe.json', '--dir', dir, '--json'], { cwd });
  const stepsOf = (stdout: string) =>
    records(stdout.slice(0, stdout.lastIndexOf('\n') + 1)).filter(({ event }) => event === 'step:completed').length;
  async function weights(dir: string): Promise<string[]> {
    const files = ['params', 'ema', 'optimizer'].map((name) =>
      join(cwd, dir, `checkpoints/step-${String(STEPS).padStart(8, '0')}/${name}.safetensors`),
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
      await run.until(({ stdout }) => stepsOf(stdout) >= 10);
      run.child.kill(signal);
      const cut = await run.finished;
      expect(cut).toMatchObject({ code: 130, signal: null, stderr: '' });
      const done = stepsOf(cut.stdout);
      expect(done).toBeLessThan(STEPS);
      expect(records(cut.stdout).at(-1)).toMatchObject({ event: 'report', status: 'interrupted', step: done });

      const resumed = await haste(['resume', `cut-${signal}`, '--json'], { cwd });
      expect(resumed).toMatchObject({ code: 0, stderr: '' });
      expect(records(resumed.stdout)).toContainEqual(expect.objectContaining({ event: 'run:started', step: done }));
      expect(stepsOf(resumed.stdout)).toBe(STEPS - done);
      expect(await weights(`cut-${signal}`)).toEqual(await weights(`whole-${signal}`));
      const picture = (dir: string) => readFile(join(cwd, dir, 'samples.png'));
      expect(await picture(`cut-${signal}`)).toEqual(await picture(`whole-${signal}`));
    },
    60_000,
  );

  it('is heard after the step at hand, and the log is written as the run goes on', async () => {
    const run = new HasteProcess(['train', 'endless.json', '--dir', 'endless', '--json'], { cwd });
    await run.until(({ stdout }) => stepsOf(stdout) >= 10);
    const logged = () => readFile(join(cwd, 'endless/metrics.jsonl'), 'utf8').catch(() => '');
    while (run.child.exitCode === null && !(await logged()).includes('"step":10,')) await setTimeout(20);
    expect(run.child.exitCode).toBe(null);
    // Both at once are one press: the terminal and npm each pass it on.
    run.child.kill('SIGINT');
    run.child.kill('SIGINT');
    const { code, signal, stdout } = await run.finished;
    expect([code, signal]).toEqual([130, null]);
    expect(records(stdout).at(-1)).toMatchObject({ event: 'report', status: 'interrupted', step: stepsOf(stdout) });
    const resumed = new HasteProcess(['resume', 'endless'], { cwd });
    await resumed.until(({ stderr }) => stderr.includes('resuming at step'));
    resumed.child.kill('SIGTERM');
    expect(await resumed.finished).toMatchObject({
      code: 130,
      stdout: expect.stringContaining('npx haste resume endless'),
    });
  });

  it('pressed again ends the process where it is, and what was saved before goes on', async () => {
    await symlink(join(__dirname, '../../node_modules'), join(cwd, 'node_modules'));
    await writeFile(join(cwd, 'stuck.mjs'), STUCK);
    const stuck = { plugins: ['./stuck.mjs'], loggers: ['logger/stuck'], steps: 1_000_000, checkpoints };
    await writeFile(join(cwd, 'stuck.json'), JSON.stringify({ ...TOY_RECIPE, ...stuck }));
    const run = new HasteProcess(['train', 'stuck.json', '--dir', 'stuck'], { cwd, env: { STUCK: '1' } });
    await run.until(({ stderr }) => /train \d+\//.test(stderr));
    run.child.kill('SIGINT');
    await run.until(({ stderr }) => stderr.includes('still closing'));
    await setTimeout(500); // a press within a third of a second is the same press
    run.child.kill('SIGINT');
    expect(await run.finished).toMatchObject({ code: null, signal: 'SIGINT' });

    const resumed = new HasteProcess(['resume', 'stuck'], { cwd });
    await resumed.until(({ stderr }) => stderr.includes('resuming at step'));
    resumed.child.kill('SIGINT');
    expect(await resumed.finished).toMatchObject({ code: 130, signal: null });
  });
});

/** A logger that never closes, where STUCK is set. */
const STUCK = `import { defineLogger, definePlugin } from '@hastejs/plugin-api';
import { z } from 'zod';

const close = () => {
  if (!process.env.STUCK) return;
  process.stderr.write('still closing\\n');
  return new Promise(() => {});
};
const stuck = defineLogger({
  id: 'logger/stuck',
  summary: 'Never closes.',
  options: z.strictObject({}),
  create: () => ({ start() {}, scalars() {}, close }),
});
export default definePlugin({ name: 'stuck', version: '1.0.0', api: '^1.0.0', extensions: [stuck] });
`;
