import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRunFolder } from './run-folder.js';

let path: string;
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'haste-folder-')), 'run');
});
afterEach(() => rm(join(path, '..'), { recursive: true, force: true }));

const leaveLock = async (holder: object): Promise<void> => {
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'lock.json'), JSON.stringify(holder));
};

it('makes the folder, and refuses a second run in it while the first lives', async () => {
  const folder = await openRunFolder(path, 'new');
  await expect(openRunFolder(path, 'fresh')).rejects.toThrow(/Another process.*RUN_FOLDER/);
  await folder.release();
  await (await openRunFolder(path, 'resume')).release();
});

it('refuses a folder that holds a run, unless told to replace it; then only what Haste wrote goes', async () => {
  const folder = await openRunFolder(path, 'new');
  await folder.writeJson('recipe.json', { name: 'first' });
  await writeFile(join(path, 'notes.txt'), 'mine');
  await folder.release();
  await expect(openRunFolder(path, 'new')).rejects.toThrow(/already holds a run[^]*haste resume/);
  await (await openRunFolder(path, 'fresh')).release();
  expect((await readdir(path)).sort()).toEqual(['checkpoints', 'notes.txt']);
});

it.each([
  ['a process that is gone', { pid: 2 ** 22 + 1, host: hostname(), started: 0 }],
  ['this process id in an earlier life', { pid: process.pid, host: hostname(), started: 1 }],
])('takes over the lock of %s', async (_, holder) => {
  await leaveLock(holder);
  const folder = await openRunFolder(path, 'resume');
  expect(JSON.parse(await readFile(join(path, 'lock.json'), 'utf8'))).toMatchObject({ pid: process.pid });
  await folder.release();
});

it('takes over a lock cut short by a power loss', async () => {
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'lock.json'), '{"pid": 1');
  await (await openRunFolder(path, 'resume')).release();
});

it('respects the lock of another machine', async () => {
  await leaveLock({ pid: 1, host: 'elsewhere', started: 0 });
  await expect(openRunFolder(path, 'resume')).rejects.toThrow(/process 1 on the machine elsewhere/);
});

const asRoot = process.getuid?.() === 0;
(asRoot ? it.skip : it)('says when the folder is read-only (skipped for root, who may write anywhere)', async () => {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o555);
  await expect(openRunFolder(path, 'new')).rejects.toThrow(/may not be written to[^]*DISK|DISK[^]*--dir/);
});

it('says when the place is not a folder that can be made', async () => {
  await writeFile(join(path, '..', 'file'), '');
  await expect(openRunFolder(join(path, '..', 'file', 'run'), 'new')).rejects.toThrow(/not a folder.*DISK/);
});
