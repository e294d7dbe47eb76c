// What the site's guides are, in the order of its navigation. A page of docs/ that is not named here stops the build.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../workspaces.mjs';

const OUTLINE = {
  'Use Haste': [
    'tutorial',
    'how-haste-works',
    'composing-a-recipe',
    'teachers',
    'teacher-cache',
    'alignment-losses',
    'triggers',
    'diagnostics',
    'plugins',
  ],
  'Write plugins': [
    'writing-a-teacher',
    'writing-a-loss',
    'writing-a-trigger',
    'testing-a-plugin',
    'publishing-a-plugin',
    'stability',
  ],
  'What it does': ['results', 'performance', 'backends', 'errors'],
  'How it is built': ['design', 'releasing'],
};

/**
 * @param {Record<string, string[]>} outline
 * @returns {{ group: string, file: string }[]}
 * @throws Error where the outline and the folder differ.
 */
export function guides(outline = OUTLINE, folder = join(REPOSITORY, 'docs')) {
  const found = Object.entries(outline).flatMap(([group, names]) =>
    names.map((name) => ({ group, file: join(folder, `${name}.md`), name })),
  );
  const there = readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.slice(0, -3));
  const listed = found.map(({ name }) => name);
  const faults = [
    ...there
      .filter((name) => !listed.includes(name))
      .map((name) => `docs/${name}.md has no place in the site's outline`),
    ...listed
      .filter((name) => !there.includes(name))
      .map((name) => `the site's outline names docs/${name}.md, which is not there`),
  ];
  if (faults.length > 0) throw new Error(`${faults.join('; ')}. See scripts/docs/outline.mjs.`);
  return found.map(({ group, file }) => ({ group, file }));
}
