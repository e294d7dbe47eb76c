import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFiles } from '#support/temporary-files.js';
import { PACKAGE, SETUP, torchHome, torchHomes } from './home.js';

const files = temporaryFiles();
const at = (name: string) => join(files.root(), name);

it('is in the project: workspaces, else the nearest package.json, else the working directory', async () => {
  await mkdir(at('a/b/c'), { recursive: true });
  expect(torchHome(at('a/b/c'), {})).toBe(at('a/b/c/.haste/torch'));
  await files.write({ 'a/b/package.json': '{}' });
  expect(torchHome(at('a/b/c'), {})).toBe(at('a/b/.haste/torch'));
  await files.write({ 'a/package.json': '{ "workspaces": ["b"] }' });
  expect(torchHome(at('a/b/c'), {})).toBe(at('a/.haste/torch'));
  await mkdir(at('a/b/.haste'));
  expect(torchHome(at('a/b/c'), {})).toBe(at('a/b/.haste/torch'));
});

it('is where HASTE_TORCH_HOME says, and nowhere else', () => {
  const env = { HASTE_TORCH_HOME: 'kept' };
  expect(torchHome(files.root(), env)).toBe(at('kept'));
  expect(torchHomes(files.root(), env)).toEqual([at('kept')]);
});

it('is looked for above the working directory, nearest first', async () => {
  for (const folder of ['a/.haste/torch', 'a/b/.haste/torch', 'z/.haste/torch'])
    await mkdir(at(folder), { recursive: true });
  const homes = torchHomes(at('a/b/c'), {});
  expect(homes.slice(0, 2)).toEqual([at('a/b/.haste/torch'), at('a/.haste/torch')]);
  expect(homes.some((home) => home.startsWith(at('z')))).toBe(false);
});

it('knows its package, and the command for this repository', () => {
  expect(PACKAGE).toMatch(/packages[/]backend-torch[/]$/);
  expect(SETUP).toBe('npm run setup:torch');
});
