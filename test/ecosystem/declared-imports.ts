import { readFile, readdir } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';

interface Manifest {
  readonly name: string;
  readonly dependencies?: object;
  readonly peerDependencies?: object;
  readonly optionalDependencies?: object;
}

/**
 * Packages that the code of an installed package imports and its package.json does not name. In the monorepo such an import
 * works, since everything is hoisted; elsewhere it may not.
 */
export async function undeclaredImports(folder: string): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
  const { name: self, dependencies, peerDependencies, optionalDependencies } = manifest;
  const declared = Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies });
  const files = (await readdir(join(folder, 'dist'), { recursive: true })).filter((file) => /\.(js|d\.ts)$/.test(file));
  const found = new Set<string>();
  for (const file of files) {
    const text = await readFile(join(folder, 'dist', file), 'utf8');
    for (const specifier of specifiersOf(text)) {
      if (/^[.#]/.test(specifier) || isBuiltin(specifier)) continue;
      found.add(specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'));
    }
  }
  return [...found].filter((name) => name !== self && !declared.includes(name)).sort();
}

/** Static imports, `import('…')` in code and in types, and what a `require` made by hand asks for. */
function* specifiersOf(text: string): Generator<string> {
  const code = text.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
  const statements = /^(?:import|export)\b[^'"]*?\bfrom '([^']+)';|^import '([^']+)';/gm;
  const calls = /\b(?:import|require\w*|createRequire\([^)]*\))\(\s*['"]([^'"]+)['"]\s*\)/g;
  for (const pattern of [statements, calls]) {
    for (const [, first, second] of code.matchAll(pattern)) yield (first ?? second)!;
  }
}
