// Pages that are made for the site alone: tables from the code, and the files that guides link to.
import { KINDS } from '@hastejs/plugin-api';
import { builtins } from '@hastejs/haste';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { code, fence, optionsTable, table } from '../generated/markdown.mjs';
import { REPOSITORY, workspaces } from '../workspaces.mjs';

/** In the plural, as headings. */
const HEADINGS = {
  teacher: 'Teachers',
  alignmentLoss: 'Alignment losses',
  targetLayers: 'Target layers',
  trigger: 'Termination triggers',
  metric: 'Metrics',
  student: 'Students',
  dataset: 'Data sets',
  sampler: 'Samplers',
  optimizer: 'Optimizers',
  logger: 'Loggers',
  backend: 'Backends',
};

/** Every built-in extension with its options. */
export function extensionsPage() {
  const kinds = KINDS.map((kind) => {
    const found = builtins.flatMap((plugin) =>
      plugin.extensions.filter((extension) => extension.kind === kind).map((extension) => ({ plugin, extension })),
    );
    const parts = found.map(({ plugin, extension }) =>
      [`### ${extension.id}`, `${extension.summary} From ${code(plugin.name)}.`, optionsTable(extension)].join('\n\n'),
    );
    return [`## ${HEADINGS[kind]}`, ...parts].join('\n\n');
  });
  return ['# Extensions and their options', 'What is built in, by kind, with the options of each.', ...kinds].join(
    '\n\n',
  );
}

/** Every package of the repository in a line. */
export function packagesPage() {
  const rows = workspaces().map(({ directory, manifest }) => [
    `[${manifest.name}](${directory})`,
    manifest.description,
  ]);
  const of = (group) => rows.filter((_, i) => workspaces()[i].directory.startsWith(group));
  return [
    '# Packages',
    'Each works on its own; `@hastejs/haste` is all of them in one import.',
    '## Libraries',
    table(['package', ''], of('packages/')),
    '## Plugins',
    table(['package', ''], of('plugins/')),
  ].join('\n\n');
}

/** The recipes of examples/, whole. */
export function examplesPage() {
  const folder = join(REPOSITORY, 'examples');
  const recipes = readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'recipe.ts')))
    .map((name) => [`## ${name}`, fence('ts', readFileSync(join(folder, name, 'recipe.ts'), 'utf8'))].join('\n\n'));
  return ['# Examples', 'Recipes of the folder `examples/`, each of which runs in CI.', ...recipes].join('\n\n');
}

/** A file of the repository as a page to read. */
export function sourcePage(path) {
  const language = extname(path).slice(1);
  return [`# ${path}`, fence(language, readFileSync(join(REPOSITORY, path), 'utf8'))].join('\n\n');
}

/**
 * The source files that Markdown documents link to, relative to the repository.
 * @param {string[]} documents
 */
export function linkedSources(documents) {
  const links = documents.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\]\((\.{0,2}[\w./-]+)(?:#[\w-]*)?\)/g)].map(([, target]) =>
      resolve(dirname(file), target),
    ),
  );
  return [...new Set(links)]
    .filter(
      (path) =>
        ['.ts', '.mjs', '.json', '.yaml'].includes(extname(path)) && existsSync(path) && statSync(path).isFile(),
    )
    .map((path) => relative(REPOSITORY, path))
    .toSorted();
}
