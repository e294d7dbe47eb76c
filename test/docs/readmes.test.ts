import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runScript } from '#support/run-script.js';

const ROOT = join(__dirname, '../..');
const folders = ['packages', 'plugins'].flatMap((group) =>
  readdirSync(join(ROOT, group)).map((name) => `${group}/${name}`),
);

it('every README has the examples and options as the code has them (npm run readmes)', () => {
  expect(runScript('readmes', '--check')).toEqual({ code: 0, out: '', err: '' });
}, 60_000);

it.each(folders)('%s says in its README what it is, how to install it, and where to read on', (folder) => {
  const { name } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as { name: string };
  const text = readFileSync(join(ROOT, folder, 'README.md'), 'utf8');
  expect(text.startsWith(`# ${name}\n\n`)).toBe(true);
  expect(text).toMatch(/^npm (?:install|create) @hastejs\//m);
  expect(text).toContain('## More');
  expect(text).toMatch(/```(?:ts|sh)\n/);
});
