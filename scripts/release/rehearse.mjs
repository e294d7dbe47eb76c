// What a release would do, found out in a copy: nothing of the repository is touched.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspaces } from '../workspaces.mjs';
import { versionPackages } from './version.mjs';

/**
 * @param {string} root the repository.
 * @returns {{ from: string, to: string, changes: string[], changelogs: Record<string, string> }} `changelogs`: what each
 * changelog would begin with, by package; only of those that have something to say.
 */
export function rehearseVersion(root) {
  const copy = mkdtempSync(join(tmpdir(), 'haste-release-'));
  try {
    for (const name of ['package.json', 'lerna.json', '.changeset', ...workspaces(root).flatMap(versioned)]) {
      if (existsSync(join(root, name))) cpSync(join(root, name), join(copy, name), { recursive: true });
    }
    const outcome = versionPackages(copy);
    return { ...outcome, changelogs: changelogsOf(copy, outcome.to) };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const versioned = ({ directory }) =>
  ['package.json', 'CHANGELOG.md', 'src/index.ts', 'src/builtins.ts', 'src/shipped.ts'].map((name) =>
    join(directory, name),
  );

function changelogsOf(copy, version) {
  const found = workspaces(copy).flatMap(({ folder, manifest: { name } }) => {
    const file = join(folder, 'CHANGELOG.md');
    if (!existsSync(file)) return [];
    const section = readFileSync(file, 'utf8').split(/^## /m)[1] ?? '';
    const own = section.startsWith(`${version}\n`) ? section.slice(version.length).trim() : '';
    return own === '' ? [] : [[name, own]];
  });
  return Object.fromEntries(found);
}
