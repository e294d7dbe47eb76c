import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runScript } from '#support/run-script.js';
import { temporaryFiles } from '#support/temporary-files.js';

const ROOT = join(__dirname, '../..');
const files = temporaryFiles();
const read = (name: string) => readFileSync(join(files.root(), name), 'utf8');
const manifest = (name: string) => JSON.parse(read(name)) as Record<string, Record<string, string>>;

const changeset = (bump: string) => `---\n'@hastejs/api': ${bump}\n---\n\nLosses may be wrapped.\n`;
const source = "export default definePlugin({ name: '@hastejs/plug', version: '0.4.2', api: '^1.0.0' });\n";

/** A repository of two packages, one of which is a plugin with the other for a peer. */
const repository = (changes: Readonly<Record<string, string>>) =>
  files.write({
    'package.json': JSON.stringify({ name: 'root', private: true, workspaces: ['packages/*', 'plugins/*'] }),
    'lerna.json': JSON.stringify({ version: '0.4.2', npmClient: 'npm' }),
    '.changeset/config.json': readFileSync(join(ROOT, '.changeset/config.json'), 'utf8'),
    '.changeset/changelog.cjs': readFileSync(join(ROOT, '.changeset/changelog.cjs'), 'utf8'),
    '.changeset/README.md': '# Changes\n',
    'packages/api/package.json': JSON.stringify({ name: '@hastejs/api', version: '0.4.2' }),
    'plugins/plug/package.json': JSON.stringify({
      name: '@hastejs/plug',
      version: '0.4.2',
      dependencies: { zod: '^4.0.0' },
      peerDependencies: { '@hastejs/api': '^0.4.2', sharp: '^0.35.0' },
    }),
    'plugins/plug/src/index.ts': source,
    ...changes,
  });

const names = ['packages', 'plugins'].flatMap((group) =>
  readdirSync(join(ROOT, group)).map(
    (name) => (JSON.parse(readFileSync(join(ROOT, group, name, 'package.json'), 'utf8')) as { name: string }).name,
  ),
);

/** Runs `versionPackages` or `rehearseVersion` there. */
function release(call: 'version' | 'rehearse'): { from: string; to: string; changelogs?: object } {
  const name = call === 'version' ? 'versionPackages' : 'rehearseVersion';
  const program = `import { ${name} } from './scripts/release/${call}.mjs';
    console.log(JSON.stringify(${name}(${JSON.stringify(files.root())})));`;
  const args = ['--input-type=module', '--eval', program];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' })) as never;
}

it('carries one version to manifests, peers, plugins and lerna, and the words to the changelog', async () => {
  await repository({ '.changeset/one.md': changeset('minor') });
  expect(release('version')).toEqual({ from: '0.4.2', to: '0.5.0', changes: ['one.md'] });
  expect(manifest('packages/api/package.json')['version']).toBe('0.5.0');
  expect(manifest('plugins/plug/package.json')).toMatchObject({
    version: '0.5.0',
    dependencies: { zod: '^4.0.0' },
    peerDependencies: { '@hastejs/api': '^0.5.0', sharp: '^0.35.0' },
  });
  expect(read('plugins/plug/src/index.ts')).toBe(source.replace('0.4.2', '0.5.0'));
  expect(manifest('lerna.json')).toEqual({ version: '0.5.0', npmClient: 'npm' });
  expect(read('packages/api/CHANGELOG.md')).toMatch(/## 0\.5\.0\n\n### Minor Changes\n\n- Losses may be wrapped\.\n/);
  expect(readdirSync(join(files.root(), '.changeset'))).not.toContain('one.md');
}, 60_000);

it('a rehearsal says the same and touches nothing', async () => {
  await repository({ '.changeset/one.md': changeset('patch') });
  const changelogs = { '@hastejs/api': '### Patch Changes\n\n- Losses may be wrapped.' };
  expect(release('rehearse')).toEqual({ from: '0.4.2', to: '0.4.3', changes: ['one.md'], changelogs });
  expect(manifest('plugins/plug/package.json')['peerDependencies']).toEqual({
    '@hastejs/api': '^0.4.2',
    sharp: '^0.35.0',
  });
  expect(read('.changeset/one.md')).toBe(changeset('patch'));
}, 60_000);

it('does nothing without changesets', async () => {
  await repository({});
  expect(release('version')).toEqual({ from: '0.4.2', to: '0.4.2', changes: [] });
});

it('refuses to come to 1.0.0 by way of a changeset, before anything is written', async () => {
  await repository({ '.changeset/one.md': changeset('major') });
  expect(() => release('version')).toThrow(/one\.md: a major change would release 1\.0\.0/);
  expect(manifest('lerna.json')['version']).toBe('0.4.2');
});

it('every package belongs to the one group that gets its versions together', () => {
  const { fixed } = JSON.parse(readFileSync(join(ROOT, '.changeset/config.json'), 'utf8')) as { fixed: string[][] };
  expect(fixed).toEqual([['@hastejs/*']]);
  expect(names.filter((name) => !name.startsWith('@hastejs/'))).toEqual([]);
});

it('a dry run names every package, finds all of them sound, and changes nothing (npm run release -- --dry-run)', () => {
  const status = () => execFileSync('git', ['status', '--porcelain'], { cwd: ROOT, encoding: 'utf8' });
  const before = status();
  const { code, out, err } = runScript('release', '--dry-run');
  expect([code, err]).toEqual([0, '']);
  for (const name of names) expect(out).toMatch(new RegExp(`^  ${name} \\d+\\.\\d+\\.\\d+  \\d+ KiB`, 'm'));
  expect(out).toContain('would publish under the tag "latest"');
  expect(out).toContain('Nothing was changed and nothing was published.');
  expect(status()).toBe(before);
}, 180_000);
