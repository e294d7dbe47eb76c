import { readdir } from 'node:fs/promises';
import type * as Files from 'node:fs/promises';
import { join } from 'node:path';
import { importInNode } from '#support/node-import.js';
import { thrownBy } from '#support/samples.js';
import { temporaryFiles } from '#support/temporary-files.js';
import { readRecipe } from './recipe-file.js';

jest.mock('./import-module.js', () => ({ importModule: importInNode }));

const temporary = temporaryFiles();
const at = (name: string): string => join(temporary.root(), name);
const read = async (name: string, text: string): Promise<unknown> => {
  await temporary.write({ [name]: text });
  return (await readRecipe(at(name))).recipe;
};

const RECIPE = { name: 'x', student: { id: 'student/sit', with: { depth: 2 } }, data: 'data/x', steps: 3 };
/** Each line holds the one before a dozen times. */
const MANY_ALIASES = Array.from({ length: 8 }, (_, i) => {
  const before = i === 0 ? 'x' : `*a${i - 1}`;
  return `a${i}: &a${i} [${Array<string>(12).fill(before).join(', ')}]\n`;
}).join('');
const YAML = 'name: x\nstudent: { id: student/sit, with: { depth: 2 } }\ndata: data/x\nsteps: 3\n';

it.each([
  ['recipe.ts', `interface A { readonly b: number }\nexport default ${JSON.stringify(RECIPE)} satisfies object;`],
  ['recipe.mts', `export default ${JSON.stringify(RECIPE)} as const;`],
  ['recipe.js', `export default ${JSON.stringify(RECIPE)};`],
  ['recipe.mjs', `const recipe = await Promise.resolve(${JSON.stringify(RECIPE)});\nexport { recipe as default };`],
  ['recipe.cjs', `const { join } = require('node:path');\nmodule.exports = join ? ${JSON.stringify(RECIPE)} : 0;`],
  ['recipe.cts', `const recipe: object = ${JSON.stringify(RECIPE)};\nexport default recipe;`],
  ['recipe.json', `\uFEFF${JSON.stringify({ $schema: './recipe.schema.json', ...RECIPE })}`],
  ['recipe.yaml', `# yaml-language-server: $schema=./recipe.schema.json\n${YAML}`],
  ['RECIPE.YML', YAML],
])('reads %s', async (name, text) => {
  await temporary.write({ [name]: text });
  expect(await readRecipe(at(name))).toEqual({ recipe: RECIPE, baseDir: temporary.root() });
});

it("bundles the user's own files and leaves packages outside: one instance for all", async () => {
  await temporary.write({
    'node_modules/counter/package.json': '{ "name": "counter", "type": "module", "exports": "./index.js" }',
    'node_modules/counter/index.js': 'export const seen = [];',
    'shared/steps.ts': "import { seen } from 'counter';\nseen.push('helper');\nexport const steps: number = 7;",
  });
  const recipe = await read(
    'recipe.ts',
    "import { seen } from 'counter';\nimport { steps } from './shared/steps.js';\nseen.push('recipe');\nexport default { steps };",
  );
  expect(recipe).toEqual({ steps: 7 });
  const { seen } = await importInNode(`file://${at('node_modules/counter/index.js')}`);
  expect(seen).toEqual(['helper', 'recipe']);
});

it('lets CommonJS require packages: the very modules that an import of them gives', async () => {
  await temporary.write({
    'node_modules/counter/package.json': '{ "name": "counter", "main": "./index.js" }',
    'node_modules/counter/index.js': 'exports.seen = [];',
    'package.json': '{ "type": "commonjs" }',
    'steps.js': "require('counter').seen.push('helper');\nexports.steps = 7;",
  });
  const text =
    "const { steps } = require('./steps.js');\nrequire('counter').seen.push('recipe');\nmodule.exports = { steps };";
  expect(await read('recipe.js', text)).toEqual({ steps: 7 });
  const { seen } = await importInNode(`file://${at('node_modules/counter/index.js')}`);
  expect(seen).toEqual(['helper', 'recipe']);
});

it('lets import.meta mean the file it is written in', async () => {
  await temporary.write({
    'shared/here.ts': 'export const url: string = import.meta.url, folder = import.meta.dirname;',
  });
  const recipe = await read(
    'r.ts',
    "import { folder, url } from './shared/here.js';\nexport default { url, folder, own: import.meta.url };",
  );
  expect(recipe).toEqual({ url: `file://${at('shared/here.ts')}`, folder: at('shared'), own: `file://${at('r.ts')}` });
});

it('reads a file again after it was changed', async () => {
  expect(await read('r.ts', 'export default { a: 1 }')).toEqual({ a: 1 });
  expect(await read('r.ts', 'export default { a: 2 }')).toEqual({ a: 2 });
});

it('leaves nothing behind, also when the recipe throws', async () => {
  await read('good.ts', 'export default {}');
  await thrownBy(() => read('bad.ts', 'throw new Error("no")'));
  expect((await readdir(temporary.root())).toSorted()).toEqual(['bad.ts', 'good.ts']);
});

it('names relative plugins in full, and leaves packages alone', async () => {
  const recipe = (await read('r.yaml', 'plugins: [./mine.js, ../x/y.ts, acme, "@acme/z"]')) as { plugins: string[] };
  expect(recipe.plugins).toEqual([at('mine.js'), join(at('.'), '../x/y.ts'), 'acme', '@acme/z']);
});

it.each([
  ['r.ts', 'export default {\n  a: ,\n};', 'r.ts:2:6', /Unexpected ","/],
  ['r.ts', 'const url = import.meta.url;\nconst x: = 1;', 'r.ts:2:10', /Unexpected "="/],
  ['r.ts', 'import { a } from "./missing.js";\nexport default a;', 'r.ts:1:19', /Could not resolve "\.\/missing\.js"/],
  ['r.ts', 'type A = number;\n\nexport default (null as any).b;', 'r.ts:3:30', /Cannot read properties of null/],
  [
    'r.ts',
    'import a from "no-such-package";\nexport default a;',
    'r.ts',
    /Cannot find package 'no-such-package' imported from .*r\.ts/,
  ],
  ['r.ts', 'throw null;', 'r.ts', /cannot be loaded: null/],
  ['r.ts', 'export const recipe = {};', 'r.ts', /no default export/],
  ['r.ts', 'export default 3;', 'r.ts', /Expected a recipe, got number 3/],
  ['r.json', '{\n  "a": 1,\n}', 'r.json:2:9', /not valid JSON.*trailing comma/],
  ['r.json', '{ "a": 1, "a": 2 }', 'r.json:1:11', /Duplicate key "a"/],
  ['r.json', '', 'r.json:1:1', /end of file/],
  ['r.json', '[]', 'r.json', /Expected a recipe, got list/],
  ['r.yaml', 'a: 1\nb: [1\nc: 2', 'r.yaml:3:1', /not valid YAML/],
  ['r.yaml', 'a: 1\na: 2', 'r.yaml:2:1', /unique/],
  ['r.yaml', 'a: !teacher x', 'r.yaml:1:4', /Unresolved tag/],
  ['r.yaml', '', 'r.yaml', /Expected a recipe, got null/],
  ['r.yaml', 'a: 1\n---\na: 2', 'r.yaml:2:1', /several YAML documents[^]*one recipe a file/],
  ['r.yaml', MANY_ALIASES, 'r.yaml', /not usable YAML: Excessive alias count[^]*fewer aliases/],
  ['r.toml', 'a = 1', 'r.toml', /one of \.ts, \.mts, \.js, \.mjs, \.cts, \.cjs, \.json, \.yaml, \.yml/],
])('says where %s cannot be read: %j', async (name, text, where, message) => {
  const error = await thrownBy(() => read(name, text));
  expect(error).toMatchObject({ code: 'RECIPE_UNREADABLE', where: at(where), message: expect.stringMatching(message) });
});

it('maps errors of imported files to them', async () => {
  await temporary.write({ 'lib/deep.ts': 'interface A {}\n\nexport const x: number = undefinedName;' });
  const error = await thrownBy(() => read('r.ts', "import { x } from './lib/deep.js';\nexport default { x };"));
  expect(error).toMatchObject({
    where: at('lib/deep.ts:3:26'),
    message: expect.stringContaining('undefinedName is not defined'),
  });
});

it('says how to get a missing package', async () => {
  const error = await thrownBy(() => read('r.ts', 'import "no-such-package";'));
  expect(error.fix).toBe(`Run npm install no-such-package in ${temporary.root()}.`);
});

it('names a recipe that is not there, and a folder', async () => {
  expect(await thrownBy(() => readRecipe(at('none.ts')))).toMatchObject({
    code: 'RECIPE_UNREADABLE',
    where: at('none.ts'),
  });
  await temporary.write({ 'folder.ts/x': '' });
  expect(await thrownBy(() => readRecipe(at('folder.ts')))).toMatchObject({ code: 'RECIPE_UNREADABLE' });
});

it('refuses plugins that are no list before anything is loaded', async () => {
  const error = await thrownBy(() => read('r.yaml', 'plugins: acme'));
  expect(error).toMatchObject({ code: 'RECIPE_INVALID', where: 'plugins: expected array, got string "acme"' });
});

describe('in a folder that cannot be written', () => {
  // The module that all importers share; an import of it here would be a copy.
  const files = jest.requireActual<typeof Files>('node:fs/promises');
  const refused = jest.fn();
  afterEach(() => {
    jest.restoreAllMocks();
    expect(refused).toHaveBeenCalledTimes(1);
    refused.mockClear();
  });

  /** A superuser can write everywhere, so the file system's answer is played. */
  async function readOnly(name: string, all: Record<string, string>): Promise<unknown> {
    await temporary.write(all);
    const { writeFile } = files;
    jest.spyOn(files, 'writeFile').mockImplementation(async (path, ...rest) => {
      if (!String(path).startsWith(temporary.root())) return writeFile(path, ...rest);
      refused();
      throw Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS', syscall: 'open' });
    });
    return (await readRecipe(at(name))).recipe;
  }

  it('still shares packages with the process', async () => {
    const recipe = await readOnly('r.ts', {
      'node_modules/counter/package.json':
        '{ "name": "counter", "type": "module", "exports": { "import": "./index.js" } }',
      'node_modules/counter/index.js': 'export const seen = [];',
      'r.ts':
        "import { sep } from 'node:path';\nimport { seen } from 'counter';\nseen.push(sep);\nexport default { steps: 1 };",
    });
    expect(recipe).toEqual({ steps: 1 });
    expect((await importInNode(`file://${at('node_modules/counter/index.js')}`))['seen']).toEqual(['/']);
  });

  it('says what could not be found, and that the folder is why it matters', async () => {
    const error = await thrownBy(() => readOnly('r.ts', { 'r.ts': 'import "no-such-package";\nexport default {};' }));
    expect(error).toMatchObject({
      code: 'RECIPE_UNREADABLE',
      where: at('r.ts:1:8'),
      message: expect.stringContaining('is read-only and "no-such-package" cannot be found from it'),
    });
  });
});
