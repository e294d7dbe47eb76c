import { join } from 'node:path';
import { temporaryFiles } from '#support/temporary-files.js';
import { NATIVE, readSources } from './sources.js';

const files = temporaryFiles();
const read = () => readSources(files.root());
/** The units whose hash is another than before. */
async function changedBy(change: Record<string, string>): Promise<string[]> {
  const before = new Map(read().units.map(({ path, hash }) => [path, hash]));
  await files.write(change);
  return read().units.flatMap(({ path, hash }) => (before.get(path) === hash ? [] : [path]));
}

beforeEach(() =>
  files.write({
    'a.cc': '#include "a.h"\n#include <vector>\n',
    'deep/b.cc': '# include "../a.h"\n#include "own.h"\n',
    'deep/c.cc': '#include "torch.h"\n',
    'a.h': '#include "base.h"\n',
    'base.h': '#include "a.h"\n',
    'deep/own.h': '',
    'torch.h': '',
    'notes.txt': '',
  }),
);

it('lists the units, sorted', () => {
  expect(read().units.map(({ path }) => path)).toEqual(['a.cc', 'deep/b.cc', 'deep/c.cc']);
});

it.each([
  ['a.cc', ['a.cc']],
  ['base.h', ['a.cc', 'deep/b.cc']],
  ['deep/own.h', ['deep/b.cc']],
  ['torch.h', ['deep/c.cc']],
  ['deep/torch.h', ['deep/c.cc']],
  ['deep/base.h', []],
  ['notes.txt', []],
])('a change in %s concerns %j', async (path, units) => {
  expect(await changedBy({ [path]: '// changed\n' })).toEqual(units);
});

it('every file of C++ counts for the whole, by name and text', async () => {
  const hashes = [read().hash];
  for (const change of [{ 'torch.h': ' ' }, { 'new.h': '' }, { 'new.cc': '' }]) {
    await files.write(change);
    hashes.push(read().hash);
  }
  await files.write({ 'notes.txt': 'changed' });
  expect(new Set([...hashes, read().hash]).size).toBe(4);
});

it('reads the sources of this package', () => {
  const { units, folder } = readSources(NATIVE);
  expect(folder).toMatch(join('backend-torch', 'native'));
  expect(units.map(({ path }) => path)).toContain('module.cc');
});
