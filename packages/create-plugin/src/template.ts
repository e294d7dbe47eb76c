import { readFile, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Answers } from './answers.js';
import { manifest } from './manifest.js';

const TEMPLATES = fileURLToPath(new URL('../templates/', import.meta.url));

/** Files that would act where the templates lie: git, ESLint and GitHub look for their names. npm packs no `.gitignore`. */
const PLACES: Readonly<Record<string, string>> = {
  gitignore: '.gitignore',
  'eslint-config.js': 'eslint.config.js',
  'ci.yml': '.github/workflows/ci.yml',
};

/** A file of a plugin by its path, with forward slashes. */
export type Files = ReadonlyMap<string, string>;

/**
 * All files of a plugin. A template is a package as it would be written by hand, in which these words stand for what people
 * choose: `template-package`, `template-id` (of the extension, without its prefix), `template-ref` (with it), `templateExport`,
 * `template-description`, `template-author`, `template-year` and `template-license`. So templates compile and lint where they lie.
 * @param version of Haste.
 */
export async function filesOf(answers: Answers, version: string, year: number): Promise<Files> {
  const own = await read(answers.kind.flag);
  const shared = await read('shared');
  const licence = await readFile(join(TEMPLATES, 'licenses', `${answers.license}.txt`), 'utf8');
  const readme = withSections(shared.get('README.md')!, own.get('README.md')!);
  const all = new Map([...shared, ...own, ['README.md', readme], ['LICENSE', licence]]);
  const fill = filler(answers, year);
  const filled = [...all].map(([path, text]): [string, string] => [PLACES[path] ?? path, fill(text)]);
  return new Map([...filled, ['package.json', `${JSON.stringify(manifest(answers, version), null, 2)}\n`]]);
}

async function read(name: string): Promise<Map<string, string>> {
  const folder = join(TEMPLATES, name);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = paths.sort().map(async (path): Promise<[string, string]> => {
    return [relative(folder, path).split(sep).join('/'), await readFile(path, 'utf8')];
  });
  return new Map(await Promise.all(files));
}

/** The words of a template as the answers say. What people wrote is put in as it is, never read as a pattern. */
function filler({ names, description, author, license }: Answers, year: number): (text: string) => string {
  const words: Readonly<Record<string, string>> = {
    'template-package': names.packageName,
    'template-id': names.shortName,
    'template-ref': names.id,
    templateExport: names.exportName,
    'template-description': description,
    'template-author': author,
    'template-year': String(year),
    'template-license': license,
  };
  const pattern = new RegExp(Object.keys(words).join('|'), 'g');
  return (text) => text.replace(pattern, (word) => words[word]!);
}

/** The README that all plugins share, whose lines `<!-- section -->` are the sections of a kind's own by that name. */
function withSections(shared: string, own: string): string {
  const sections = new Map(
    own
      .split(/^## /m)
      .slice(1)
      .map((section): [string, string] => {
        const [title, ...lines] = section.split('\n');
        return [title!.trim(), lines.join('\n').trim()];
      }),
  );
  return shared.replace(/^<!-- (.+) -->$/gm, (_, title: string) => sections.get(title)!);
}
