import { type Plugin as EsbuildPlugin, build } from 'esbuild';
import { isBuiltin } from 'node:module';

/** Node's own conditions: with any given, esbuild leaves out "module", which Node does not know. */
export const NODE_CONDITIONS = ['node', 'import', 'node-addons'];

/** The file that `import specifier` in a module of `folder` would load, or null. */
export async function resolvePackage(specifier: string, folder: string): Promise<string | null> {
  let found: string | null = null;
  const finder: EsbuildPlugin = {
    name: 'find',
    setup(esbuild) {
      esbuild.onStart(async () => {
        const { path, errors } = await esbuild.resolve(specifier, { kind: 'import-statement', resolveDir: folder });
        if (errors.length === 0) found = path;
      });
    },
  };
  await build({
    stdin: { contents: '', resolveDir: folder },
    plugins: [finder],
    write: false,
    platform: 'node',
    conditions: NODE_CONDITIONS,
    logLevel: 'silent',
  });
  return found;
}

/** Whether an import names a package rather than a file or a part of Node. */
export function isPackage(specifier: string): boolean {
  return !isBuiltin(specifier) && !/^(?:\.{0,2}\/|\.{1,2}$|[a-z]+:)/.test(specifier);
}
