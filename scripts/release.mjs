// Releases all packages (docs/releasing.md). `version` turns the changesets into versions and changelogs; without it, what has no
// version on npm yet is checked and published. --dry-run says what both would do: it changes nothing and asks no registry.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packAll } from './pack.mjs';
import { rehearseVersion } from './release/rehearse.mjs';
import { versionPackages } from './release/version.mjs';
import { lintTarball } from './tarballs/lint-tarball.mjs';
import { REPOSITORY } from './workspaces.mjs';

const { values, positionals } = parseArgs({
  options: { 'dry-run': { type: 'boolean' }, tag: { type: 'string', default: 'latest' } },
  allowPositionals: true,
});
const run = (command, ...args) => execFileSync(command, args, { cwd: REPOSITORY, stdio: 'inherit' });
const read = (command, ...args) => execFileSync(command, args, { cwd: REPOSITORY, encoding: 'utf8' }).trim();

function version() {
  const { from, to, changes } = versionPackages(REPOSITORY);
  if (changes.length === 0) return console.log(`No changeset: the packages stay at ${from}.`);
  // Our own style for what changesets wrote, and the lock file, which names our versions too.
  run('npx', 'prettier', '--write', '--log-level', 'warn', 'packages', 'plugins', 'lerna.json');
  run('npm', 'install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund');
  console.log(`${from} → ${to}, from ${changes.length} changesets. Look at it, commit it, and then: npm run release`);
}

async function rehearse() {
  const { from, to, changes, changelogs } = rehearseVersion(REPOSITORY);
  if (changes.length === 0) console.log(`No changeset has gathered: the packages stay at ${from}.`);
  else console.log(`npm run release:version would go from ${from} to ${to}, from ${changes.length} changesets:`);
  for (const [name, text] of Object.entries(changelogs)) console.log(`\n${name}\n${text}`);
  console.log(`\nnpm run release would publish under the tag "${values.tag}":`);
  const packed = await packedAndSound();
  for (const { name, version: now, size, files } of packed) {
    console.log(`  ${name} ${now}  ${Math.ceil(size / 1024)} KiB, ${files.length} files`);
  }
  console.log('\nNothing was changed and nothing was published.');
}

/** Every package as it would be published. @throws Error with every fault. */
async function packedAndSound() {
  const folder = mkdtempSync(join(tmpdir(), 'haste-release-'));
  try {
    const packed = await packAll(folder);
    const faults = [];
    for (const one of packed) faults.push(...(await lintTarball(one)));
    if (faults.length > 0) throw new Error(faults.join('\n'));
    return packed;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function publish() {
  if (read('git', 'status', '--porcelain') !== '')
    throw new Error('Commit first: what is published must be in the history.');
  const { changes } = rehearseVersion(REPOSITORY);
  if (changes.length > 0)
    throw new Error(`${changes.length} changesets are waiting: npm run release:version comes first.`);
  // From nothing: files of sources that are gone would be packed along.
  run('npm', 'run', '--silent', 'clean');
  run('npm', 'run', '--silent', 'build');
  run('npm', 'run', '--silent', 'check');
  await packedAndSound();
  const { version: now } = JSON.parse(readFileSync(join(REPOSITORY, 'lerna.json'), 'utf8'));
  // In the order of their dependencies; what is on npm already is left out, so a release that was cut off can go on.
  run('npx', 'lerna', 'publish', 'from-package', '--yes', '--dist-tag', values.tag);
  run('git', 'tag', '--annotate', `v${now}`, '--message', `Haste ${now}`);
  console.log(`Haste ${now} is published. Push it: git push --follow-tags`);
}

try {
  if (values['dry-run']) {
    if (!existsSync(join(REPOSITORY, 'packages/tensor/dist'))) throw new Error('Build first: npm run build');
    await rehearse();
  } else if (positionals[0] === 'version') version();
  else if (positionals.length === 0) await publish();
  else throw new Error(`There is no "${positionals[0]}": npm run release [-- --dry-run], or npm run release:version`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
