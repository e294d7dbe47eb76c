import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateError } from './create-error.js';
import { writePlugin } from './write-plugin.js';

const FILES = new Map([
  ['package.json', '{}'],
  ['.github/workflows/ci.yml', 'on: push'],
  ['src/index.ts', 'export {};'],
]);

describe('writing a plugin', () => {
  let root = '';
  beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'haste-create-'))));
  afterEach(() => rm(root, { recursive: true, force: true }));
  const path = (...names: string[]) => join(root, ...names);

  it('makes the folder, and the folders above it', async () => {
    await writePlugin(path('a', 'b', 'plugin'), FILES);
    expect(await readFile(path('a/b/plugin/.github/workflows/ci.yml'), 'utf8')).toBe('on: push');
    expect(await readdir(path('a/b'))).toEqual(['plugin']);
    expect((await stat(path('a/b/plugin'))).mode).toBe((await stat(path('a/b'))).mode);
  });

  it('fills an empty folder without replacing it', async () => {
    await mkdir(path('plugin'), { mode: 0o750 });
    await writePlugin(path('plugin'), FILES);
    expect((await readdir(path('plugin'))).sort()).toEqual(['.github', 'package.json', 'src']);
    expect(await readdir(root)).toEqual(['plugin']);
  });

  it('leaves a folder alone that holds something, and says what', async () => {
    await mkdir(path('plugin'));
    await writeFile(path('plugin', 'notes.txt'), 'mine');
    await expect(writePlugin(path('plugin'), FILES)).rejects.toThrow(/not empty: it holds notes\.txt\./);
    expect(await readdir(path('plugin'))).toEqual(['notes.txt']);
    expect(await readdir(root)).toEqual(['plugin']);
  });

  it('leaves nothing of a plugin that could not be written whole', async () => {
    const broken = new Map([...FILES, ['src/index.ts/below', 'a file is no folder']]);
    await expect(writePlugin(path('plugin'), broken)).rejects.toThrow(CreateError);
    expect(await readdir(root)).toEqual([]);
  });

  it('says so when a part of the path is a file, or may not be written', async () => {
    await writeFile(path('file'), '');
    await expect(writePlugin(path('file', 'plugin'), FILES)).rejects.toThrow(/is a file\.\n.*--dir/);
    await mkdir(path('closed'));
    await chmod(path('closed'), 0o500);
    // Root may write everywhere.
    if (process.getuid?.() !== 0) {
      await expect(writePlugin(path('closed', 'plugin'), FILES)).rejects.toThrow(/permission is denied/);
    }
    await chmod(path('closed'), 0o700);
  });
});
