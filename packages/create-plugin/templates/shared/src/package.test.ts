import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import plugin from './index.js';

it('goes by the name and version of its package', async () => {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  const { name, version } = JSON.parse(text) as { name: string; version: string };
  assert.deepEqual([plugin.name, plugin.version], [name, version]);
});
