import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { haste, records } from '#support/haste.js';
import { temporaryFolder } from '#support/toy-run.js';

const RECIPE = join(__dirname, 'fixtures/mortal-recipe.ts');
const [BATCH, SHARD] = [50, 150];
const folder = temporaryFolder();

const fill = (dir: string, killAt: number, ...flags: string[]) =>
  haste(['teachers', 'cache', RECIPE, ...flags], {
    cwd: folder.path(),
    env: { CACHE_DIR: folder.path(dir), KILL_AT: String(killAt) },
  });

/** Begins a cache whose shards are small, so that some are whole and one is not when the process dies. */
async function begin(dir: string): Promise<string> {
  expect((await fill(dir, 1)).signal).toBe('SIGKILL');
  const [name] = await readdir(folder.path(dir));
  const file = folder.path(dir, name!, 'cache.json');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/"rowsPerShard": \d+/, `"rowsPerShard": ${SHARD}`));
  return folder.path(dir, name!);
}

async function shardsOf(path: string): Promise<Record<string, string>> {
  const names = (await readdir(path)).filter((name) => name.endsWith('.safetensors')).sort();
  const read = async (name: string) => [name, await readFile(join(path, name), 'hex')] as const;
  return Object.fromEntries(await Promise.all(names.map(read)));
}

it('kill -9 while a cache is filled costs a shard at most, and the cache ends as if nothing had happened', async () => {
  const [whole, killed] = [await begin('whole'), await begin('killed')];

  // In the middle of the third shard: its draft is there, and not whole.
  expect((await fill('killed', (2 * SHARD) / BATCH + 2)).signal).toBe('SIGKILL');
  expect(Object.keys(await shardsOf(killed))).toHaveLength(2);
  expect((await readdir(killed)).filter((name) => name.endsWith('.tmp'))).toHaveLength(1);

  const again = await fill('killed', 0, '--json');
  expect(again).toMatchObject({ code: 0, stderr: '' });
  expect(records(again.stdout).find(({ event }) => event === 'teacher-cache:started')).toMatchObject({
    done: 2 * SHARD,
  });
  expect((await readdir(killed)).filter((name) => name.endsWith('.tmp'))).toEqual([]);

  const people = await fill('whole', 0);
  expect(people).toMatchObject({ code: 0 });
  expect(people.stderr).toMatch(
    /computing the features of mortal.* KiB in .* free\)\n[^]*teacher cache complete after/,
  );
  expect(people.stdout).toMatch(/^ +complete +mortal +2,000 images, [\d.]+ KiB +whole\//);
  expect(await shardsOf(killed)).toEqual(await shardsOf(whole));
}, 120_000);
