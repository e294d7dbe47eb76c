// Turns the changesets that have gathered into versions and changelogs, and carries the version to the places that npm does
// not know of. All packages have one version: a plugin is written for the contracts that it is released with.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { workspaces } from '../workspaces.mjs';

const changesetBin = join(dirname(createRequire(import.meta.url).resolve('@changesets/cli/package.json')), 'bin.js');

/**
 * @param {string} root the repository, or a copy of what `version` reads and writes.
 * @returns {{ from: string, to: string, changes: string[] }} `changes`: the changesets, by file name; none: nothing was done.
 */
export function versionPackages(root) {
  const lerna = readJson(join(root, 'lerna.json'));
  const from = lerna.version;
  const changes = changesetsIn(root);
  if (changes.length === 0) return { from, to: from, changes };
  refuseMajor(root, from, changes);
  // Where a peer gets a minor release, changesets gives whoever asks for it a major one. Our peers move together: while
  // versions are made nobody has any, and then all ask for the new one.
  const peers = takePeers(root);
  try {
    run(root, ['version']);
  } finally {
    givePeers(root, peers);
  }
  const to = workspaces(root)[0].manifest.version;
  writeJson(join(root, 'lerna.json'), { ...lerna, version: to });
  for (const file of sourcesWithVersion(root)) {
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replaceAll(`version: '${from}'`, `version: '${to}'`));
  }
  return { from, to, changes };
}

/** Files in which a package's version is written out for the plugin that it is. */
function sourcesWithVersion(root) {
  return workspaces(root).flatMap(({ folder }) =>
    ['src/index.ts', 'src/builtins.ts', 'src/shipped.ts']
      .map((name) => join(folder, name))
      .filter((file) => existsSync(file) && readFileSync(file, 'utf8').includes('definePlugin(')),
  );
}

function changesetsIn(root) {
  return readdirSync(join(root, '.changeset')).filter((name) => name.endsWith('.md') && name !== 'README.md');
}

/** Before 1.0 a minor release may break; 1.0 itself is decided by people, not by a changeset. */
function refuseMajor(root, version, changes) {
  if (!version.startsWith('0.')) return;
  const major = changes.filter((name) =>
    /^['"]?@hastejs\/[^:]+: major$/m.test(readFileSync(join(root, '.changeset', name), 'utf8')),
  );
  if (major.length === 0) return;
  throw new Error(
    `${major.join(', ')}: a major change would release 1.0.0. Before 1.0 a change that breaks is a minor one; say in it what users must do.`,
  );
}

const isOurs = (name) => name.startsWith('@hastejs/');

/** Takes our own packages out of every package's peers. @returns their names, by folder. */
function takePeers(root) {
  return workspaces(root).map(({ folder, manifest }) => {
    const peers = Object.entries(manifest.peerDependencies ?? {});
    const others = peers.filter(([name]) => !isOurs(name));
    if (others.length < peers.length) {
      writeJson(join(folder, 'package.json'), { ...manifest, peerDependencies: Object.fromEntries(others) });
    }
    return { folder, peers };
  });
}

/** Puts them back, in their order, at the version that all packages have by now. */
function givePeers(root, taken) {
  for (const { folder, peers } of taken.filter((one) => one.peers.some(([name]) => isOurs(name)))) {
    const manifest = readJson(join(folder, 'package.json'));
    const now = peers.map(([name, range]) => [name, isOurs(name) ? `^${manifest.version}` : range]);
    writeJson(join(folder, 'package.json'), { ...manifest, peerDependencies: Object.fromEntries(now) });
  }
}

function run(root, args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [changesetBin, ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`changeset ${args.join(' ')} failed:\n${stdout}${stderr}`);
}

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
const writeJson = (file, value) => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
