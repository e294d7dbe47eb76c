// npm run docs -- [--out site]: the documentation as a folder of pages that open without a server: guides, the reference from
// docstrings, the options of every extension. Warnings are errors; links within the pages are followed. Needs the build.
import { rmSync } from 'node:fs';
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Application, TSConfigReader } from 'typedoc';
import { brokenLinks } from './docs/links.mjs';
import { guides } from './docs/outline.mjs';
import { examplesPage, extensionsPage, linkedSources, packagesPage, sourcePage } from './docs/pages.mjs';
import { arrange } from './docs/reference.mjs';
import { REPOSITORY, workspaces } from './workspaces.mjs';

const { values } = parseArgs({ options: { out: { type: 'string', default: join(REPOSITORY, 'site') } } });
const out = resolve(values.out);
// Within the repository, where all documents have a folder in common; a name of its own, for builds side by side.
const work = join(REPOSITORY, `site.work-${process.pid}`);
process.once('exit', () => rmSync(work, { recursive: true, force: true }));

/** Folders without a page of their own, by the guide that says what is in them. */
const STANDS = { 'design.md': ['test', 'bench'] };
/** What others export again comes first, so that it is described where it is at home; what exports everything again last. */
const LAST = ['packages/core', 'packages/trainer', 'packages/haste', 'packages/cli'];
const packages = workspaces().toSorted((a, b) => LAST.indexOf(a.directory) - LAST.indexOf(b.directory));
const pages = await writePages();
const app = await configured();
arrange(app, { packages, pages });
const project = await app.convert();
if (!project) throw new Error('The sources do not compile: npm run build says why.');
app.validate(project);
await app.generateOutputs(project);
const broken = await brokenLinks(join(work, 'site'));
for (const { page, link, why } of broken) console.error(`${page}: ${link} ${why}`);
if (app.logger.hasErrors() || app.logger.hasWarnings() || broken.length > 0) {
  console.error('The documentation has the faults above.');
  process.exit(1);
}
const draft = `${out}.draft`;
await cp(join(work, 'site'), draft, { recursive: true });
await rm(out, { recursive: true, force: true });
await rename(draft, out);
console.log(`Open ${join(out, 'index.html')}`);

/** What is made for the site is written beside it; what docs/ holds is taken from there. */
async function writePages() {
  const written = guides().map((guide) => ({ ...guide, stands: STANDS[basename(guide.file)] ?? [] }));
  const readmes = [join(REPOSITORY, 'README.md'), ...packages.map(({ folder }) => join(folder, 'README.md'))];
  const sources = linkedSources([...readmes, ...written.map(({ file }) => file)]);
  const made = [
    { name: 'extensions', group: 'Use Haste', text: extensionsPage(), stands: [] },
    { name: 'examples', group: 'Use Haste', text: examplesPage(), stands: ['examples'] },
    {
      name: 'packages',
      group: 'How it is built',
      text: packagesPage(),
      stands: ['packages', 'plugins', 'test/api/snapshots'],
    },
    ...sources.map((path) => ({
      name: path.replaceAll('/', '-'),
      group: 'Source to read',
      text: sourcePage(path),
      stands: [path],
    })),
  ];
  const folder = join(work, 'pages');
  await mkdir(folder, { recursive: true });
  const placed = made.map(({ name, group, text, stands }) => ({
    file: join(folder, `${name}.md`),
    group,
    text,
    stands,
  }));
  for (const { file, text } of placed) await writeFile(file, `${text}\n`);
  return [...written, ...placed];
}

/** Packages are compiled together from their sources, so that links go from one to another. */
async function configured() {
  const entries = packages.map(({ folder }) => join(folder, 'src/index.ts'));
  const tsconfig = join(work, 'tsconfig.json');
  const paths = Object.fromEntries(packages.map(({ manifest }, i) => [manifest.name, [entries[i]]]));
  const compilerOptions = {
    composite: false,
    noEmit: true,
    declaration: false,
    declarationMap: false,
    rootDir: REPOSITORY,
  };
  const typeRoots = [join(REPOSITORY, 'node_modules/@types')];
  await mkdir(dirname(tsconfig), { recursive: true });
  await writeFile(
    tsconfig,
    JSON.stringify({
      extends: join(REPOSITORY, 'tsconfig.base.json'),
      compilerOptions: { ...compilerOptions, tsBuildInfoFile: null, paths, typeRoots },
      files: entries,
    }),
  );
  return Application.bootstrap(
    {
      name: 'Haste',
      entryPoints: entries,
      tsconfig,
      basePath: REPOSITORY,
      readme: join(REPOSITORY, 'README.md'),
      projectDocuments: pages.map(({ file }) => file),
      out: join(work, 'site'),
      customCss: join(REPOSITORY, 'scripts/docs/site.css'),
      customJs: join(REPOSITORY, 'scripts/docs/site.js'),
      highlightLanguages: ['ts', 'typescript', 'javascript', 'sh', 'bash', 'json', 'yaml', 'python', 'text', 'mjs'],
      navigation: { includeGroups: true, includeFolders: false, compactFolders: false },
      groupOrder: [
        'Use Haste',
        'Write plugins',
        'What it does',
        'How it is built',
        'Packages',
        'Plugins',
        'Source to read',
        '*',
      ],
      sort: ['kind', 'alphabetical'],
      sortEntryPoints: false,
      excludeInternal: true,
      excludePrivate: true,
      disableGit: true,
      sourceLinkTemplate: 'https://github.com/hastejs/haste/blob/main/{path}#L{line}',
      githubPages: false,
      hideGenerator: true,
      useHostedBaseUrlForAbsoluteLinks: false,
      validation: { invalidLink: true, notExported: false, notDocumented: false, invalidPath: true },
    },
    [new TSConfigReader()],
  );
}
