// Modules that misbehave while they are imported, or bring what cannot be used, by file name.

const plugin = (name: string, api: string, extensions: string): string =>
  `export default definePlugin({ name: '${name}', version: '1.0.0', api: '${api}', extensions: [${extensions}] });\n`;

const teacher = (id: string, create: string): string =>
  `defineTeacher({ id: '${id}', summary: 'Misbehaves.', options: z.strictObject({}), create: ${create} })`;

const HEAD = "import { definePlugin, defineTeacher } from '@hastejs/plugin-api';\nimport { z } from 'zod';\n";
const GRID = '{ height: 2, width: 2 }';
const SPEC = `{ name: 'x', blocks: 1, width: 1, heads: 1, headDim: 1, grid: ${GRID} }`;
const WELL = `() => ({ spec: ${SPEC}, encode: () => ({}), dispose: () => undefined })`;

export const HOSTILE_MODULES: Readonly<Record<string, string>> = {
  'throws.mjs': "const licence = null;\nthrow new Error('no licence');\nexport default licence;\n",
  'waits.mjs': 'setInterval(() => undefined, 1000);\nawait new Promise(() => undefined);\nexport default 1;\n',
  'waits-for-nothing.mjs': 'await new Promise(() => undefined);\nexport default 1;\n',
  'needs.mjs': "import 'a-package-that-is-not-there';\n",
  'newer.mjs': HEAD + plugin('@evil/newer', '^9.0.0', teacher('teacher/newer', WELL)),
  'loose.mjs': HEAD + plugin('@evil/loose', '^1.0.0', teacher('teacher/loose', WELL).replace('strictObject', 'object')),
  'one.mjs': HEAD + plugin('@evil/one', '^1.0.0', teacher('teacher/same', WELL)),
  'other.mjs': HEAD + plugin('@evil/other', '^1.0.0', teacher('teacher/same', WELL)),
  'one-again.mjs': HEAD + plugin('@evil/one', '^1.0.0', teacher('teacher/same', WELL)),
  'hangs.mjs': HEAD + plugin('@evil/hangs', '^1.0.0', teacher('teacher/hangs', '() => new Promise(() => undefined)')),
};
