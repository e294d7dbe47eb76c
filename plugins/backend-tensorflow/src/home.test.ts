import { join } from 'node:path';
import { temporaryFiles } from '#support/temporary-files.js';
import { PACKAGE, searchFolders, setupHome } from './home.js';

const files = temporaryFiles();

describe('where a setup lies', () => {
  it('is in the project that the working directory is in: what has .haste or workspaces, else a package.json', async () => {
    await files.write({ 'package.json': '{ "workspaces": ["a"] }', 'a/package.json': '{}', 'a/b/c.txt': '' });
    expect(setupHome(join(files.root(), 'a/b'), {})).toBe(join(files.root(), '.haste/tensorflow'));
    await files.write({ 'package.json': '{}' });
    expect(setupHome(join(files.root(), 'a/b'), {})).toBe(join(files.root(), 'a/.haste/tensorflow'));
    await files.write({ 'a/b/.haste/mark': '' });
    expect(setupHome(join(files.root(), 'a/b'), {})).toBe(join(files.root(), 'a/b/.haste/tensorflow'));
  });

  it('is where HASTE_TENSORFLOW_HOME says', () => {
    expect(setupHome(files.root(), { HASTE_TENSORFLOW_HOME: 'tf' })).toBe(join(files.root(), 'tf'));
  });
});

describe('where packages are looked for', () => {
  it('begins with the project itself, then this package, then setups, nearest first', async () => {
    await files.write({ '.haste/tensorflow/setup.json': '', 'a/.haste/tensorflow/setup.json': '' });
    const [cwd, here] = [join(files.root(), 'a'), files.root()];
    const setups = [join(cwd, '.haste/tensorflow'), join(here, '.haste/tensorflow')];
    expect(searchFolders(cwd, {}).slice(0, 4)).toEqual([cwd, PACKAGE, ...setups]);
  });

  it('leaves out setups that are not there, and all but the one that was named', async () => {
    await files.write({ '.haste/tensorflow/setup.json': '' });
    expect(searchFolders(files.root(), { HASTE_TENSORFLOW_HOME: 'gone' })).toEqual([files.root(), PACKAGE]);
  });
});
