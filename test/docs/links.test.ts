import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownLinks } from '#support/markdown-links.js';
import { temporaryFolder } from '#support/toy-run.js';

const ROOT = join(__dirname, '../..');
const temporary = temporaryFolder();

/** Where documents are; what other tests write meanwhile, such as the site, is elsewhere. */
const FOLDERS = ['.changeset', 'bench', 'docs', 'examples', 'packages', 'plugins', 'test'];
const LEFT_OUT = new Set(['node_modules', 'dist', '.haste', 'runs', 'fixtures']);

/** The Markdown documents of a folder, as readers of the repository see them; the site's own links are followed where it is built. */
function documents(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return folder === '.' || LEFT_OUT.has(entry.name) ? [] : documents(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

it('every link of every document leads to a file that is there, and to a heading in it', () => {
  const links = markdownLinks(ROOT, ['.', ...FOLDERS].flatMap(documents));
  expect(links.filter(({ fault }) => fault !== null)).toEqual([]);
  expect(links.length).toBeGreaterThan(200);
});

it('every guide is found from the README', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const guides = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  expect(guides.filter((name) => !readme.includes(`](docs/${name})`))).toEqual([]);
});

it('tells files that are missing, headings that are not there and ways out of the repository', () => {
  mkdirSync(temporary.path('sub'), { recursive: true });
  const bad = '[1](gone.md) [2](sub/b.md#here-1) [3](#no) [4](../out.md) [5](<sub/c.md>)';
  const good =
    '[6](sub/b.md#here--there-again) [7](#a) [`code`](sub/b.md#here-1-1) [8](https://elsewhere.org/x#y) `[9](no.md)`';
  writeFileSync(
    temporary.path('a.md'),
    `# A\n${bad} ${good}\n\`\`\`sh\n# no\n[10](no.md)\n\`\`\`\n<!-- [11](no.md) -->\n`,
  );
  writeFileSync(temporary.path('sub', 'b.md'), '# Here 1\n## `Here` & [there](../a.md), again\n## Here-1\n');
  const faults = markdownLinks(temporary.path('.'), ['a.md', 'sub/b.md']).filter(({ fault }) => fault !== null);
  expect(faults.map(({ link, fault }) => `${link} ${fault}`)).toEqual([
    'gone.md is not there',
    '#no names no heading of that document',
    '../out.md leaves the repository',
    'sub/c.md is not there',
  ]);
  expect(markdownLinks(temporary.path('.'), ['a.md'])).toHaveLength(9);
});
