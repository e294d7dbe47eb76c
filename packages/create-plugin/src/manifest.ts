import type { Answers } from './answers.js';

/** What generated plugins are built and checked with. */
const TOOLS = {
  '@types/node': '^20.19.0',
  eslint: '^10.15.0',
  typescript: '^6.0.3',
  'typescript-eslint': '^8.73.0',
};

/** All packages that every plugin is written against. */
const PEERS = ['@hastejs/plugin-api', '@hastejs/tensor'];
/** What tests and trains it. */
const TRIED_WITH = ['@hastejs/cli', '@hastejs/haste', '@hastejs/testkit'];

/**
 * The package.json of a plugin. Haste's packages are peers, so that the plugin and the host share one copy of each, and
 * development dependencies as well, since not every package manager installs the peers of the project itself.
 * @param version of Haste, which all its packages share.
 */
export function manifest({ kind, names, description, author, license }: Answers, version: string): object {
  const ours = (packages: readonly string[]) => Object.fromEntries(packages.map((name) => [name, `^${version}`]));
  const peers = [...PEERS, ...(kind.peers ?? [])].sort();
  return {
    name: names.packageName,
    version: '0.1.0',
    description,
    license,
    author,
    type: 'module',
    keywords: ['haste-plugin', kind.flag],
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
    haste: { plugin: '.' },
    files: ['dist', '!dist/**/*.test.*'],
    sideEffects: false,
    engines: { node: '>=20.19' },
    ...(names.packageName.startsWith('@') && { publishConfig: { access: 'public' } }),
    scripts: {
      clean: `node -e "fs.rmSync('dist', { recursive: true, force: true })"`,
      build: 'npm run clean && tsc -p tsconfig.build.json',
      typecheck: 'tsc',
      lint: 'eslint .',
      test: 'npm run build && node --test dist/*.test.js',
      train: 'npm run build && haste train recipe.ts --fresh',
      prepack: 'npm run build',
      prepublishOnly: 'npm run lint && npm run typecheck && npm test',
    },
    dependencies: sorted({ zod: '^4.6.7', ...kind.dependencies }),
    peerDependencies: ours(peers),
    devDependencies: sorted({ ...ours([...peers, ...TRIED_WITH]), ...TOOLS }),
  };
}

const sorted = (packages: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
