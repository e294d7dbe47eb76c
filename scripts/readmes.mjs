// Writes what follows from the code into documents. Into the README of every package: its example, which is a file that CI
// runs, and the options of its extensions. Into guides: the files of examples/ that they name. With --check it writes nothing, and fails where a README is not current. Needs the build.
import { builtins } from '@hastejs/haste';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fillDocuments } from './generated/fill.mjs';
import { fence, optionsTable } from './generated/markdown.mjs';
import { REPOSITORY, workspaces } from './workspaces.mjs';

/** Examples that belong to a package of another name. */
const ALSO = { tensor: ['safetensors'] };

async function sectionsOf({ folder, directory, manifest }) {
  const short = directory.split('/')[1];
  const examples = [short, ...(ALSO[short] ?? [])].flatMap((name) => {
    const place = `examples/library/${name}`;
    return existsSync(join(REPOSITORY, place))
      ? readdirSync(join(REPOSITORY, place)).map((file) => `${place}/${file}`)
      : [];
  });
  const extensions = await extensionsOf(folder, manifest);
  return Object.fromEntries([
    ...examples.map((path) => [path, () => fence('ts', readFileSync(join(REPOSITORY, path), 'utf8'))]),
    ...extensions.map((extension) => [`${extension.id} options`, () => optionsTable(extension)]),
  ]);
}

/** The files of examples/ that a guide asks for. */
function filesIn(text) {
  const paths = [...text.matchAll(/<!-- generated: (examples\/\S+) -->/g)].map(([, path]) => path);
  return Object.fromEntries(
    paths.map((path) => [path, () => fence('ts', readFileSync(join(REPOSITORY, path), 'utf8'))]),
  );
}

/** A plugin's own; of the framework's packages, what they bring to those that are built in. */
async function extensionsOf(folder, { name, haste }) {
  if (haste?.plugin === undefined) return builtins.find((plugin) => plugin.name === name)?.extensions ?? [];
  const { default: plugin } = await import(pathToFileURL(join(folder, 'dist/index.js')).href);
  return plugin.extensions;
}

const documents = await Promise.all(
  workspaces().map(async (one) => ({ file: join(one.folder, 'README.md'), sections: await sectionsOf(one) })),
);
const folder = join(REPOSITORY, 'docs');
const guides = readdirSync(folder)
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ file: join(folder, name), sections: filesIn(readFileSync(join(folder, name), 'utf8')) }))
  .filter(({ sections }) => Object.keys(sections).length > 0);
process.exitCode = await fillDocuments([...documents, ...guides], {
  check: process.argv.includes('--check'),
  command: 'npm run readmes',
});
