// The packages and plugins of the repository, as every script that goes through them sees them.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));

/**
 * @param {string} root a repository, or a fixture that looks like one.
 * @returns {{ folder: string, directory: string, manifest: Record<string, any> }[]} in the order of their folders;
 * `directory` is relative to the root, with slashes.
 */
export function workspaces(root = REPOSITORY) {
  return ['packages', 'plugins'].flatMap((group) => {
    if (!existsSync(join(root, group))) return [];
    return readdirSync(join(root, group))
      .toSorted()
      .map((name) => ({ folder: join(root, group, name), directory: `${group}/${name}` }))
      .filter(({ folder }) => existsSync(join(folder, 'package.json')))
      .map((one) => ({ ...one, manifest: JSON.parse(readFileSync(join(one.folder, 'package.json'), 'utf8')) }));
  });
}
