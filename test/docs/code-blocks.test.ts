// Every code block of the documents is checked: TypeScript is compiled, recipes are resolved, commands are parsed. A comment
// before a block, which readers do not see, may say what is around it, or why it cannot be checked:
//
//   <!-- check in examples/quickstart      the folder that its relative imports start from; default: docs
//   import { sit } from '@hastejs/haste';
//   const recipe = { /* block */ };
//   -->
//   <!-- unchecked: it is Python -->
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Host, type RecipeInput, createHost } from '@hastejs/core';
import * as haste from '@hastejs/haste';
import { builtins } from '@hastejs/haste';
import { parse } from 'yaml';
import { createProgram } from '../../packages/cli/src/program.js';
import { captureIo } from '#support/capture-io.js';
import { type Fence, codeFences } from '#support/code-fences.js';
import { typeFaults } from '#support/type-faults.js';

const ROOT = join(__dirname, '../..');
const BLOCK = '/* block */';

function markdown(folder: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(ROOT, folder, name));
}
const beside = (group: string): string[] =>
  readdirSync(join(ROOT, group), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => markdown(join(group, name)));

const documents = [...markdown('.'), ...markdown('docs'), ...['packages', 'plugins', 'examples'].flatMap(beside)];
const fences = documents.flatMap(codeFences);
const isMade = ({ mark }: Fence) => mark.startsWith('generated:');
const KNOWN_MARKS = /^(?:generated: \S|effect[\w-]*: begin$|unchecked: \S|check(?:\n| in \S|$)|prettier-ignore$|end$)/;
const isLeftOut = ({ mark }: Fence) => /^unchecked: \S/.test(mark);
const of = (...languages: string[]) =>
  fences.filter((fence) => languages.includes(fence.language) && !isMade(fence) && !isLeftOut(fence));
const place = ({ file, line }: Fence) => `${relative(ROOT, file)}:${line}`;
const table = (some: readonly Fence[]) => some.map((fence) => [place(fence), fence] as const);

it('knows how to check every language that there is', () => {
  const known = ['', 'text', 'ts', 'sh', 'yaml', 'json'];
  const other = fences.filter((fence) => !known.includes(fence.language) && !isLeftOut(fence));
  expect(other.map((fence) => `${place(fence)} ${fence.language}`)).toEqual([]);
});

it('knows every mark', () => {
  const marks = fences.filter(({ mark }) => mark !== '' && !KNOWN_MARKS.test(mark));
  expect(marks.map((fence) => `${place(fence)} ${fence.mark}`)).toEqual([]);
});

it('finds no code in plain text, where it would not be checked', () => {
  const code = of('', 'text').filter(({ text }) => /^(?:import |export |const |npm |npx |haste )/m.test(text));
  expect(code.map(place)).toEqual([]);
});

it('compiles every block of TypeScript', () => {
  const blocks = of('ts');
  const sources = blocks.map((fence) => {
    const [, folder = 'docs', around = ''] = /^check(?: in (\S+))?\n?([^]*)$/.exec(fence.mark) ?? [];
    const text = around.includes(BLOCK) ? around.replace(BLOCK, () => fence.text) : fragment(fence.text);
    return {
      path: join(ROOT, folder, `block-${place(fence).replaceAll(/\W/g, '-')}.ts`),
      text: `${text}\nexport {};\n`,
    };
  });
  const faults = typeFaults(ROOT, [...sources, { path: join(ROOT, 'docs/block-others.d.ts'), text: OTHERS }]);
  expect(faults.map(({ source, message }) => `${place(blocks[source]!)}: ${message}`)).toEqual([]);
  expect(blocks.length).toBeGreaterThan(10);
}, 120_000);

/** A block that imports nothing is a part of a recipe: its names are those of @hastejs/haste, and a few that guides agree on. */
function fragment(text: string): string {
  if (/^import /m.test(text)) return text;
  const names = exported.filter((name) => new RegExp(`(?<![\\w'.-])${name}\\(|\\b${name}\\[`).test(text));
  const [key] = /^\w+(?=: )/.exec(text) ?? [];
  const part = text.trim().replace(/[,;](?=\s*(?:\/\/.*)?$)/, '');
  const inside =
    key === undefined ? text : key in PARTS ? PARTS[key]!(`${part}\n`) : `defineRecipe({ ...base, ${part}\n });`;
  return [
    `import { ${[...new Set([...names, 'defineRecipe'])].join(', ')}, type RecipeInput } from '@hastejs/haste';`,
    "type Alignment = NonNullable<RecipeInput['alignment']>;",
    "type Term = Alignment['terms'][string];",
    "declare const base: Pick<RecipeInput, 'name' | 'student' | 'data' | 'steps' | 'batchSize'>;",
    "declare const teacher: NonNullable<Alignment['teacher']>, terms: Record<string, Term>, feature: Term, attention: Term;",
    "declare const loss: Term['loss'], layers: Term['layers'];",
    'void [base, teacher, terms, feature, attention, loss, layers, defineRecipe];',
    inside,
  ].join('\n');
}

/** A transcript's commands follow its prompts; the other lines are what was answered. */
function promptsOf({ text }: Fence): string {
  return [...text.matchAll(/^\$ (.*)$/gm)].map(([, command]) => command).join('\n');
}

/** The package that guides write. */
const OTHERS = `declare module 'my-haste-plugin' {
  import type { Extension, Plugin } from '@hastejs/plugin-api';
  export const myTeacher: Extension<'teacher'>;
  export const myTrigger: Extension<'trigger'>;
  const plugin: Plugin;
  export default plugin;
}`;
const exported = Object.keys(haste);
const PARTS: Readonly<Record<string, (text: string) => string>> = {
  terms: (text) => `defineRecipe({ ...base, alignment: { teacher, ${text} } });`,
  until: (text) => `defineRecipe({ ...base, alignment: { teacher, terms, ${text} } });`,
  teacher: (text) => `defineRecipe({ ...base, alignment: { terms, ${text} } });`,
  weight: (text) => `defineRecipe({ ...base, alignment: { teacher, terms: { it: { loss, layers, ${text} } } } });`,
  overTime: (text) =>
    `defineRecipe({ ...base, alignment: { teacher, terms: { it: { loss, layers, weight: { value: 1, ${text} } } } } });`,
};

describe('recipes', () => {
  let host: Host;
  beforeAll(async () => {
    host = await createHost({ plugins: builtins });
  });
  afterAll(() => host.close());
  const base = {
    name: 'block',
    student: { id: 'student/sit', with: { hiddenSize: 16, depth: 12, numHeads: 2, patchSize: 4 } },
    data: 'data/fashion-mnist',
    steps: 10,
    batchSize: 4,
  };
  const layers = { id: 'layers/pairs', with: { pairs: [[1, 'final']] } };
  const alignment = {
    teacher: { id: 'teacher/dino', with: { weights: 'dinov2-base' } },
    terms: { feature: { loss: 'loss/feature', layers } },
  };

  it.each(table(of('yaml')))('%s is a recipe, or a part of one', (_, { text }) => {
    const part = parse(text) as Record<string, unknown>;
    const { until, alignment: own, ...rest } = part;
    const aligned = (own !== undefined || until !== undefined) && {
      alignment: { ...alignment, ...(until !== undefined && { until }), ...(own as object | undefined) },
    };
    const whole = { ...base, ...aligned, ...rest };
    expect(host.resolve(whole as unknown as RecipeInput).name).toBeDefined();
  });

  it.each(table(of('json')))('%s is JSON', (_, { text }) => {
    expect(JSON.parse(text)).toBeDefined();
  });
});

describe('commands', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const benches = readdirSync(join(ROOT, 'bench')).flatMap((name) => /^(\w[\w-]*)\.mjs$/.exec(name)?.[1] ?? []);

  it.each(table(of('sh')))('%s', async (_, { text }) => {
    for (const command of commandsOf(text)) await checkCommand(command);
  });

  it.each(table(of('', 'text').filter((fence) => promptsOf(fence) !== '')))('%s', async (_, fence) => {
    for (const command of commandsOf(promptsOf(fence))) await checkCommand(command);
  });

  async function checkCommand(words: readonly string[]): Promise<void> {
    const [program, ...rest] = words;
    if (program === 'haste') return parseHaste(rest);
    if (program === 'npx' && rest[0] === 'haste') return parseHaste(rest.slice(1));
    if (program !== 'npm' || rest[0] !== 'run') return expect(KNOWN).toContain(program);
    const name = rest.find((word, i) => i > 0 && !word.startsWith('--'))!;
    expect(Object.keys(scripts)).toContain(name);
    const own = rest.slice(rest.indexOf('--') + 1);
    if (name === 'haste') return parseHaste(own);
    if (name === 'bench') expect(benches).toContain(own[0]);
  }

  async function parseHaste(words: readonly string[]): Promise<void> {
    const program = createProgram(() => async () => undefined, captureIo(), '0.0.0');
    try {
      await program.parseAsync([...words], { from: 'user' });
    } catch (error) {
      if (!/commander\.(?:help|version)/.test((error as { code?: string }).code ?? '')) throw error;
    }
  }
});

/** Programs that are somebody else's, or parts of the shell. */
const KNOWN = ['npm', 'npx', 'node', 'cd', 'git', 'export', 'python3', 'pip', 'apt-get', 'sudo'];

/** Words of every command: lines that end in a backslash joined, comments and variables before a command left out. */
function commandsOf(text: string): string[][] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, ''))
    .flatMap((line) => line.split(/&&|\|\||;/))
    .map((line) => [...line.matchAll(/'([^']*)'|"([^"]*)"|[^\s'"]+/g)].map(([all, one, two]) => one ?? two ?? all))
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word))))
    .filter((words) => words.length > 0 && words[0] !== '');
}
