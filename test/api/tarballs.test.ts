import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { runScript } from '#support/run-script.js';
import { temporaryFiles } from '#support/temporary-files.js';

const files = temporaryFiles();

/** What npm makes of a package with these fields and files. */
async function pack(fields: object, contents: Readonly<Record<string, string>>): Promise<string> {
  const manifest = { name: 'one', version: '1.0.0', type: 'module', ...fields };
  await files.write({ 'package.json': JSON.stringify(manifest), ...contents });
  execFileSync('npm', ['pack', '--silent'], { cwd: files.root(), stdio: 'pipe' });
  return join(files.root(), 'one-1.0.0.tgz');
}
const entry = { '.': { types: './index.d.ts', default: './index.js' } };

// What this repository packs is looked at by release.test.ts, in a dry run.
it('takes a package of ES modules with types', async () => {
  const tarball = await pack(
    { exports: entry },
    { 'index.js': 'export const one = 1;\n', 'index.d.ts': 'export declare const one: 1;\n' },
  );
  expect(runScript('check-tarballs', tarball)).toMatchObject({ code: 0, err: '' });
}, 60_000);

it('tells declarations that TypeScript cannot follow', async () => {
  const tarball = await pack(
    { exports: entry },
    {
      'index.js': 'export const one = 1;\n',
      'index.d.ts': "export { one } from './shape';\n",
      'shape.d.ts': 'export declare const one: 1;\n',
    },
  );
  const { code, err } = runScript('check-tarballs', tarball);
  expect(code).toBe(1);
  expect(err).toMatch(/one-1\.0\.0\.tgz: attw: InternalResolutionError/);
}, 60_000);

it('tells an entry that is not packed', async () => {
  const tarball = await pack(
    { exports: entry, files: ['index.js'] },
    { 'index.js': 'export const one = 1;\n', 'index.d.ts': 'export declare const one: 1;\n' },
  );
  const { code, err } = runScript('check-tarballs', tarball);
  expect(code).toBe(1);
  expect(err).toContain('publint: ');
  expect(err).toContain('./index.d.ts');
}, 60_000);
