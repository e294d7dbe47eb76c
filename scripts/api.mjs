// Keeps the public API in sight: writes the declarations of every package to test/api/snapshots, one Markdown file each. With
// --check it writes nothing, and fails with the difference where a package promises something else than the committed file
// says. Needs the build. A folder as argument is looked at as if it were the repository: so it is tested.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { openSurfaces } from './api/public-surface.mjs';
import { surfaceText } from './api/surface-text.mjs';
import { REPOSITORY, workspaces } from './workspaces.mjs';

const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true });
const root = resolve(positionals[0] ?? REPOSITORY);
const folder = join(root, 'test/api/snapshots');

async function main() {
  const surfaces = openSurfaces(workspaces(root));
  const leaking = surfaces.flatMap(({ name, leaks }) =>
    leaks.map((leak) => `${name} mentions ${leak}, which that does not export.`),
  );
  for (const fault of leaking) console.error(`${fault} Export it there, or write the type out.`);
  const files = new Map();
  for (const surface of surfaces) files.set(fileOf(surface.name), await pretty(surfaceText(surface)));
  const outcome = values.check ? compare(files) : write(files);
  return leaking.length > 0 ? 1 : outcome;
}

const fileOf = (name) => join(folder, `${name.replace(/^@[^/]+\//, '')}.api.md`);

async function pretty(text) {
  return format(text, { ...(await resolveConfig(join(REPOSITORY, 'README.md'))), parser: 'markdown' });
}

function write(files) {
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of files) writeFileSync(file, text);
  for (const file of stale(files)) rmSync(file);
  return 0;
}

function compare(files) {
  const changed = [...files].filter(([file, text]) => !existsSync(file) || readFileSync(file, 'utf8') !== text);
  for (const [file, text] of changed) console.error(difference(file, text));
  for (const file of stale(files)) console.error(`${relative(root, file)} belongs to no package.`);
  if (changed.length === 0 && stale(files).length === 0) return 0;
  const names = changed.map(([file]) => basename(file, '.api.md')).join(', ');
  console.error(
    `\nWhat the packages promise is not what test/api/snapshots says${names && ` (${names})`}. If that is not meant, mend the export.\n` +
      'If it is meant: npm run api, commit the files, and say what users must do in a changeset (npx changeset):\n' +
      'what is added is a minor change; what is gone, renamed or asks for more breaks its users (docs/stability.md).',
  );
  return 1;
}

const stale = (files) =>
  existsSync(folder)
    ? readdirSync(folder)
        .map((name) => join(folder, name))
        .filter((file) => !files.has(file))
    : [];

/** As git shows it; a file that is not there yet is told in one line. */
function difference(file, text) {
  const name = relative(root, file);
  if (!existsSync(file)) return `${name} is not there yet.`;
  const { stdout } = spawnSync('git', ['--no-pager', 'diff', '--no-index', '--unified=2', '--', file, '-'], {
    input: text,
    encoding: 'utf8',
  });
  return [`--- ${name}`, `+++ as built`, ...(stdout ?? '').split('\n').slice(4)].join('\n').trimEnd();
}

process.exitCode = await main();
