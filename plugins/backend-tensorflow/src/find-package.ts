import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ancestors } from './home.js';

const require = createRequire(import.meta.url);

/**
 * The real folder of a package as an import from `folder` would find it; undefined if there is none. Loads nothing, and asks
 * the disk each time: Node's own resolver remembers what was missing.
 */
export function findPackage(name: string, folder: string): string | undefined {
  const path = ancestors(folder)
    .map((above) => join(above, 'node_modules', name))
    .find((candidate) => existsSync(join(candidate, 'package.json')));
  return path === undefined ? undefined : realpathSync(path);
}

/** The copy of tfjs-core that the framework computes with: the one of @hastejs/tensor. */
export function frameworkCore(): string {
  const tensor = realpathSync(dirname(require.resolve('@hastejs/tensor/package.json')));
  return findPackage('@tensorflow/tfjs-core', tensor)!;
}

/** The copy of the cpu backend that this package depends on. */
export function ownCpuBackend(): string {
  return findPackage('@tensorflow/tfjs-backend-cpu', dirname(realpathSync(require.resolve('../package.json'))))!;
}
