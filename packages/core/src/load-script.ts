import { isHasteError } from '@hastejs/plugin-api';
import { type BuildFailure, type Plugin as EsbuildPlugin, build, transform } from 'esbuild';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importModule } from './import-module.js';
import { NODE_CONDITIONS, isPackage, resolvePackage } from './resolve-package.js';
import { bundleFault, loadFault } from './script-fault.js';

const SCRIPTS = ['.ts', '.mts', '.cts'];

/** Whether Node cannot load the file itself. */
export const isScript = (path: string): boolean => SCRIPTS.includes(extname(path));

/**
 * Imports a TypeScript or JavaScript file of the user's, module or CommonJS: its own relative imports are bundled with it, packages stay
 * outside, so that they are the very modules that the rest of the process has. The bundle is written beside the file,
 * where imports of packages resolve as its author expects, and removed again.
 * @throws ScriptFault; a HasteError that the file throws passes.
 */
export async function loadScript(path: string): Promise<Record<string, unknown>> {
  const folder = dirname(path);
  const beside = join(folder, `.${basename(path)}.${randomUUID()}.mjs`);
  try {
    return await importBundle(path, beside, await bundle(path, beside, [ownUrls]));
  } catch (error) {
    if (!isReadOnly(error)) throw error;
  }
  const elsewhere = await mkdtemp(join(tmpdir(), 'haste-'));
  try {
    const file = join(elsewhere, 'bundle.mjs');
    return await importBundle(path, file, await bundle(path, file, [ownUrls, packagesOf(folder)]));
  } finally {
    await rm(elsewhere, { recursive: true, force: true });
  }
}

interface Bundle {
  readonly code: string;
  readonly map: string;
}

async function bundle(path: string, outfile: string, plugins: EsbuildPlugin[]): Promise<Bundle> {
  try {
    const { outputFiles } = await build({
      entryPoints: [path],
      outfile,
      plugins,
      bundle: true,
      write: false,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20',
      conditions: NODE_CONDITIONS,
      sourcemap: 'external',
      absWorkingDir: dirname(path),
      logLevel: 'silent',
    });
    const [map, code] = ['.map', '.mjs'].map((end) => outputFiles.find((file) => file.path.endsWith(end))!.text);
    return { map: map!, code: withRequire(code!, path) };
  } catch (error) {
    throw bundleFault(path, error);
  }
}

/**
 * A bundle is a module, and has no `require`; where a CommonJS file calls it for a package, esbuild leaves a stand-in that looks
 * for one and else throws. It is put on the first line, so that no line moves.
 */
function withRequire(code: string, path: string): string {
  if (!code.includes('Dynamic require of')) return code;
  const url = JSON.stringify(pathToFileURL(path).href);
  return `import { createRequire as hasteRequire } from 'node:module'; const require = hasteRequire(${url}); ${code}`;
}

async function importBundle(path: string, file: string, { code, map }: Bundle): Promise<Record<string, unknown>> {
  const url = pathToFileURL(file).href;
  try {
    await writeFile(file, code);
    return await importModule(url).catch((error: unknown) => {
      throw isHasteError(error) ? error : loadFault(path, { url, map }, error);
    });
  } finally {
    await rm(file, { force: true });
  }
}

function isReadOnly(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === 'open' && ['EROFS', 'EACCES', 'EPERM'].includes(code ?? '');
}

/** Lets `import.meta.url` mean the file it is written in, not the bundle. */
const ownUrls: EsbuildPlugin = {
  name: 'own-urls',
  setup(esbuild) {
    esbuild.onLoad({ filter: /\.[cm]?[jt]s$/ }, async ({ path }) => {
      const contents = await readFile(path, 'utf8');
      if (!contents.includes('import.meta')) return undefined;
      const define = {
        'import.meta.url': JSON.stringify(pathToFileURL(path).href),
        'import.meta.filename': JSON.stringify(path),
        'import.meta.dirname': JSON.stringify(dirname(path)),
      };
      try {
        const { code } = await transform(contents, { loader: 'ts', define, sourcefile: path, sourcemap: 'inline' });
        return { contents: code, loader: 'js' };
      } catch (error) {
        return { errors: (error as BuildFailure).errors };
      }
    });
  },
};

/** For a bundle that lies elsewhere: packages by the files that they are, seen from the script's folder. */
const packagesOf = (folder: string): EsbuildPlugin => ({
  name: 'packages',
  setup(esbuild) {
    esbuild.onResolve({ filter: /.*/ }, async ({ path, resolveDir }) => {
      if (!isPackage(path)) return undefined;
      const file = await resolvePackage(path, resolveDir);
      if (file !== null) return { path: pathToFileURL(file).href, external: true };
      const text = `${folder} is read-only and "${path}" cannot be found from it`;
      return { errors: [{ text }] };
    });
  },
});
