import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Answers } from './answers.js';
import { PLUGIN_KINDS } from './kinds.js';
import { LICENCES } from './licences.js';
import { namesOf } from './names.js';
import { filesOf } from './template.js';

const answersFor = (change: Partial<Answers> = {}): Answers => {
  const kind = change.kind ?? PLUGIN_KINDS[0]!;
  const names = namesOf('@me/haste-gabor', kind);
  return { kind, names, description: 'What it does.', author: 'Ada', license: 'MIT', folder: '/nowhere', ...change };
};
const write = (change: Partial<Answers> = {}) => filesOf(answersFor(change), '3.2.1', 2031);

describe.each(PLUGIN_KINDS)('the template of a $flag', (kind) => {
  it('has all that a package needs, and none of its own words left', async () => {
    const files = await write({ kind });
    expect([...files.keys()]).toEqual(
      expect.arrayContaining([
        ...['package.json', 'README.md', 'LICENSE', 'recipe.ts', 'tsconfig.json', 'eslint.config.js', '.gitignore'],
        ...['.github/workflows/ci.yml', 'src/index.ts', 'src/contract.test.ts', 'src/package.test.ts'],
      ]),
    );
    for (const [path, text] of files) expect([path, text.match(/template-?[a-z]*/i)?.[0]]).toEqual([path, undefined]);
    expect(files.get('src/index.ts')).toContain(`name: '@me/haste-gabor'`);
    const readme = files.get('README.md')!;
    expect(readme.match(/^## .*/gm)).toEqual(
      ['What it does', 'Install', 'Use', 'Options', 'Test', 'Publish', 'Licence'].map((title) => `## ${title}`),
    );
    expect(readme).not.toMatch(/undefined|<!--/);
  });

  it('declares what it imports, and nothing of Haste as its own dependency', async () => {
    const files = await write({ kind });
    const manifest = JSON.parse(files.get('package.json')!) as Record<string, Record<string, string>>;
    const sources = [...files].filter(([path]) => path.startsWith('src/') && !path.endsWith('.test.ts'));
    const imported = new Set(
      sources.flatMap(([, text]) =>
        [...text.matchAll(/(?:from|import\()\s*'(@[^/']+\/[^/']+|[^.@'][^/']*)/g)].map((match) => match[1]!),
      ),
    );
    const declared = { ...manifest['dependencies'], ...manifest['peerDependencies'] };
    const missing = [...imported].filter((name) => !name.startsWith('node:') && !(name in declared));
    expect(missing).toEqual([]);
    expect(Object.keys(manifest['dependencies']!).filter((name) => name.startsWith('@hastejs/'))).toEqual([]);
    expect(new Set(Object.values(manifest['peerDependencies']!))).toEqual(new Set(['^3.2.1']));
  });
});

describe('a plugin', () => {
  it.each(LICENCES)('comes with the text of its licence: %s', async (license) => {
    const files = await write({ license });
    expect(files.get('LICENSE')!.length).toBeGreaterThan(100);
    if (license !== 'Apache-2.0') expect(files.get('LICENSE')).toContain('Copyright (c) 2031 Ada');
    expect(files.get('package.json')).toContain(`"license": "${license}"`);
  });

  it('takes texts as they are', async () => {
    const description = 'Costs $& and $1, "quoted", template-id.';
    const files = await write({ description });
    expect(JSON.parse(files.get('package.json')!)).toMatchObject({ description });
    expect(files.get('README.md')).toContain(description);
  });

  it('is published for all when its name has a scope', async () => {
    expect(JSON.parse((await write()).get('package.json')!)).toHaveProperty('publishConfig', { access: 'public' });
    const names = namesOf('gabor', PLUGIN_KINDS[0]!);
    expect(JSON.parse((await write({ names })).get('package.json')!)).not.toHaveProperty('publishConfig');
  });
});

it('the README lists every kind with its template', async () => {
  const readme = await readFile(join(__dirname, '../README.md'), 'utf8');
  const rows = [...readme.matchAll(/^\| `([a-z][a-z-]*)` +\| (.*?) +\|$/gm)].map(([, flag, template]) => ({
    flag,
    template,
  }));
  expect(rows).toEqual(PLUGIN_KINDS.map(({ flag, template }) => ({ flag, template })));
});
