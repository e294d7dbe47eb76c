// The fields of a package.json that follow from where the package lies and what it is, the same way for every package.
const HOME = 'https://github.com/hastejs/haste';

/** The order in which people look for things. A field that is not named comes at its old place among the others, last. */
const ORDER = [
  'name',
  'version',
  'description',
  'keywords',
  'license',
  'homepage',
  'bugs',
  'repository',
  'type',
  'exports',
  'imports',
  'bin',
  'haste',
  'files',
  'sideEffects',
  'engines',
  'publishConfig',
  'dependencies',
  'peerDependencies',
  'peerDependenciesMeta',
];

/** What npm adds by itself is not named, and tests and the compiler's notes are of no use to anybody. */
const NEVER = ['!dist/**/*.test.*', '!src/**/*.test.*', '!dist/*.tsbuildinfo'];

/**
 * @param {Record<string, any>} manifest
 * @param {string} directory relative to the repository, with slashes.
 * @param {{ engines: { node: string } }} root the repository's own package.json.
 */
export function completed(manifest, directory, root) {
  const isPlugin = manifest.haste?.plugin !== undefined;
  const full = {
    ...manifest,
    keywords: keywords(manifest.keywords ?? [], isPlugin),
    license: 'MIT',
    homepage: `${HOME}/tree/main/${directory}#readme`,
    bugs: `${HOME}/issues`,
    repository: { type: 'git', url: `git+${HOME}.git`, directory },
    type: 'module',
    files: files(manifest.files ?? []),
    // Modules that do something when imported are named by their package; most have none.
    sideEffects: manifest.sideEffects ?? false,
    engines: root.engines,
    // Packages with a scope are private on npm unless they say otherwise.
    publishConfig: { access: 'public' },
  };
  const rank = (key) => (ORDER.includes(key) ? ORDER.indexOf(key) : ORDER.length);
  return Object.fromEntries(Object.entries(full).toSorted(([a], [b]) => rank(a) - rank(b)));
}

/** `haste-plugin` is what a search for plugins finds. */
function keywords(own, isPlugin) {
  const given = own.filter((word) => !['haste', 'haste-plugin'].includes(word));
  return ['haste', ...(isPlugin ? ['haste-plugin'] : []), ...given];
}

/** With `src`, source maps and declaration maps lead to the code, and a debugger shows it. */
function files(own) {
  const given = own.filter((pattern) => !pattern.startsWith('!') && !['dist', 'src'].includes(pattern));
  return [...given, 'dist', 'src', ...NEVER];
}
