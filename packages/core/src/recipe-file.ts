import { HasteError, isHasteError } from '@hastejs/plugin-api';
import { type BuildFailure, transform } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { dirname, extname, isAbsolute, resolve } from 'node:path';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { defaultExport } from './default-export.js';
import { describe } from './explain-issue.js';
import { loadScript } from './load-script.js';
import { reasonOf } from './reason.js';
import type { RecipeInput } from './recipe.js';
import { ScriptFault } from './script-fault.js';

export interface RecipeFile {
  readonly recipe: RecipeInput;
  /** Where relative paths in the recipe start: its folder. */
  readonly baseDir: string;
}

const READERS: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  '.ts': readScript,
  '.mts': readScript,
  '.js': readScript,
  '.mjs': readScript,
  '.cts': readScript,
  '.cjs': readScript,
  '.json': readJson,
  '.yaml': readYaml,
  '.yml': readYaml,
};

/**
 * Reads a recipe from TypeScript, JavaScript, JSON or YAML. What it says is checked by `Host.resolve`.
 * @throws HasteError RECIPE_UNREADABLE with line and column where they are known.
 */
export async function readRecipe(path: string): Promise<RecipeFile> {
  const absolute = resolve(path);
  const read = READERS[extname(absolute).toLowerCase()];
  if (!read) {
    throw unreadable(`A recipe is one of ${Object.keys(READERS).join(', ')}.`, absolute, 'Name a recipe file.');
  }
  await assertReadable(absolute);
  const value = await read(absolute);
  const baseDir = dirname(absolute);
  return { recipe: withAbsolutePlugins(asRecipe(value, absolute), baseDir), baseDir };
}

async function assertReadable(path: string): Promise<void> {
  try {
    await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? 'There is no such recipe.' : `The recipe cannot be read: ${message}.`;
    throw unreadable(what, path, 'Check the path.', error);
  }
}

async function readScript(path: string): Promise<unknown> {
  try {
    const found = defaultExport(await loadScript(path));
    if (found !== 'none') return found.value;
  } catch (error) {
    if (isHasteError(error)) throw error;
    const { message, where, fix } =
      error instanceof ScriptFault ? error : { message: reasonOf(error), where: path, fix: undefined };
    throw unreadable(`The recipe cannot be loaded: ${message}`, where, fix ?? 'Mend the line named.', error);
  }
  throw unreadable(
    'The recipe has no default export.',
    path,
    'Write `export default defineRecipe({ … })`; in CommonJS, `module.exports = defineRecipe({ … })`.',
  );
}

/** esbuild knows line and column of every fault, and of duplicate keys, which JSON.parse takes in silence. */
async function readJson(path: string): Promise<unknown> {
  const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  const found = await transform(text, { loader: 'json', logLevel: 'silent' }).then(
    ({ warnings }) => warnings,
    ({ errors }: BuildFailure) => errors,
  );
  const [fault] = found;
  if (!fault) return JSON.parse(text) as unknown;
  const place = fault.location ? `:${fault.location.line}:${fault.location.column + 1}` : '';
  throw unreadable(`The recipe is not valid JSON: ${fault.text}.`, `${path}${place}`, 'Mend the line named.');
}

async function readYaml(path: string): Promise<unknown> {
  const lineCounter = new LineCounter();
  const document = parseDocument(await readFile(path, 'utf8'), { lineCounter, prettyErrors: false });
  // Warnings are unknown tags: their values would be something else than was meant.
  const [fault] = [...document.errors, ...document.warnings];
  if (!fault) return contentOf(document, path);
  const { line, col } = lineCounter.linePos(fault.pos[0]);
  const place = `${path}:${line}:${col}`;
  if (fault.code === 'MULTIPLE_DOCS')
    throw unreadable('The file holds several YAML documents.', place, 'Write one recipe a file.');
  throw unreadable(`The recipe is not valid YAML: ${fault.message}.`, place, 'Mend the line named.');
}

function contentOf(document: Document, path: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // Aliases of aliases: a file of a few lines that would fill the memory.
    throw unreadable(`The recipe is not usable YAML: ${reasonOf(error)}.`, path, 'Use fewer aliases (*name).', error);
  }
}

/** The little that must hold before plugins can be loaded; all else is checked against them. */
function asRecipe(value: unknown, path: string): RecipeInput {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const fix = 'A recipe is an object with a name, a student, data and steps.';
    throw unreadable(`Expected a recipe, got ${describe(value)}.`, path, fix);
  }
  const { $schema: _editors, ...recipe } = value as RecipeInput & { $schema?: unknown };
  if (recipe.plugins === undefined || Array.isArray(recipe.plugins)) return recipe;
  throw new HasteError('RECIPE_INVALID', {
    what: 'The recipe has a fault.',
    where: `plugins: expected array, got ${describe(recipe.plugins)}`,
    fix: 'List plugins by the names of their modules.',
  });
}

/** A resumed run reads the recipe from its own folder, so relative modules are named in full. */
function withAbsolutePlugins(recipe: RecipeInput, baseDir: string): RecipeInput {
  if (!recipe.plugins) return recipe;
  const plugins = recipe.plugins.map((plugin) =>
    typeof plugin === 'string' && /^\.{1,2}\//.test(plugin) && !isAbsolute(plugin) ? resolve(baseDir, plugin) : plugin,
  );
  return { ...recipe, plugins };
}

function unreadable(what: string, where: string, fix: string, cause?: unknown): HasteError {
  return new HasteError('RECIPE_UNREADABLE', { what, where, fix, cause });
}
