// Packs every package as npm would publish it. As a module: packAll(folder); as a program: node scripts/pack.mjs <folder>.
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { REPOSITORY } from './workspaces.mjs';

/**
 * One npm for all of them: starting npm takes longer than packing.
 * @param {string} folder where the tarballs are written; made if it is not there.
 * @returns {Promise<{ name: string, version: string, tarball: string, size: number, files: { path: string, size: number }[] }[]>}
 */
export async function packAll(folder) {
  mkdirSync(folder, { recursive: true });
  const { stdout } = await promisify(execFile)(
    'npm',
    ['pack', '--workspaces', '--json', '--loglevel=error', '--pack-destination', resolve(folder)],
    { cwd: REPOSITORY, maxBuffer: 2 ** 26, shell: process.platform === 'win32' },
  );
  return JSON.parse(stdout).map(({ name, version, filename, size, files }) => ({
    name,
    version,
    tarball: join(resolve(folder), filename),
    size,
    files: files.map(({ path, size: bytes }) => ({ path, size: bytes })),
  }));
}

if (import.meta.filename === process.argv[1]) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error('Say where to: node scripts/pack.mjs <folder>');
  for (const { tarball } of await packAll(folder)) console.log(tarball);
}
