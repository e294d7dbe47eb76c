// Checks who imports whom (.dependency-cruiser.cjs), how extensions are written (check-extensions.mjs), and the shape of source files. With folders as arguments it checks
// each of them as if it were the repository: that is how the rules are tested.
import { cruise } from 'dependency-cruiser';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { extensionFaults } from './check-extensions.mjs';

const { forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));
const MOST_LINES = 300;

/** @returns {Promise<{ rule: string, from: string, to: string, comment: string }[]>} */
export async function checkBoundaries(root) {
  const folders = workspaces(root);
  const sources = folders.flatMap((folder) => sourcesIn(root, `${folder}/src`));
  const shipped = sources.filter((file) => !file.endsWith('.test.ts'));
  return [
    ...(await importFaults(root, folders, sources)),
    ...folders.flatMap((folder) =>
      extensionFaults(
        root,
        shipped.filter((file) => file.startsWith(`${folder}/`)),
      ),
    ),
    ...sources.flatMap((file) => shapeFaults(root, file)),
  ];
}

async function importFaults(root, folders, sources) {
  const { output } = await cruise(
    ['packages', 'plugins'].filter((group) => existsSync(join(root, group))),
    { ...options, baseDir: root, validate: true, ruleSet: { forbidden } },
    {
      // Our packages are looked at as sources, whether they are built or not; a test helper's alias likewise.
      alias: {
        ...Object.fromEntries(folders.map((folder) => [nameOf(root, folder), join(root, folder, 'src/index.ts')])),
        '#support': join(root, 'test/support'),
      },
      extensionAlias: { '.js': ['.ts', '.js'] },
      extensions: ['.ts', '.mts', '.js', '.mjs', '.cjs', '.d.ts'],
      exportsFields: ['exports'],
      importsFields: ['imports'],
      conditionNames: ['node', 'import', 'types', 'default'],
      mainFields: ['main', 'types'],
      bustTheCache: true,
    },
  );
  const cruised = new Set(output.modules.map(({ source }) => source));
  // Some versions of TypeScript make dependency-cruiser see nothing at all, and say that all is well.
  const missed = sources
    .filter((file) => !cruised.has(file))
    .map((file) => ({ rule: 'seen', from: file, to: '', comment: 'the dependency cruiser did not look at this file' }));
  const comments = new Map(forbidden.map(({ name, comment }) => [name, comment]));
  const broken = output.summary.violations.map(({ rule, from, to, cycle }) => ({
    rule: rule.name,
    from,
    to: cycle ? cycle.map(({ name }) => name).join(' → ') : to,
    comment: comments.get(rule.name),
  }));
  return [...missed, ...broken];
}

function shapeFaults(root, file) {
  const text = readFileSync(join(root, file), 'utf8');
  const lines = text.split('\n').length - 1;
  const faults = [];
  if (lines > MOST_LINES) {
    faults.push({
      rule: 'length',
      from: file,
      to: `${lines} lines`,
      comment: `a file has at most ${MOST_LINES} lines`,
    });
  }
  for (const [star] of text.matchAll(/^\s*export \*.*/gm)) {
    faults.push({ rule: 'no-export-star', from: file, to: star.trim(), comment: 'a module names what it exports' });
  }
  return faults;
}

function workspaces(root) {
  return ['packages', 'plugins'].flatMap((group) =>
    existsSync(join(root, group)) ? readdirSync(join(root, group)).map((name) => `${group}/${name}`) : [],
  );
}

function sourcesIn(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.m?ts$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

/** Fixtures have no package.json: their packages are named after their folders. */
function nameOf(root, folder) {
  const manifest = join(root, folder, 'package.json');
  if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, 'utf8')).name;
  return `@hastejs/${folder.split('/')[1]}`;
}

async function main(roots) {
  const found = {};
  for (const root of roots) found[root] = await checkBoundaries(resolve(root));
  if (process.env.BOUNDARIES_JSON) {
    console.log(JSON.stringify(found));
    return 0;
  }
  const faults = Object.values(found).flat();
  for (const { rule, from, to, comment } of faults) console.error(`${rule}: ${from} → ${to}\n  ${comment}`);
  return faults.length === 0 ? 0 : 1;
}

const roots = process.argv.slice(2);
process.exitCode = await main(roots.length > 0 ? roots : [REPOSITORY]);
