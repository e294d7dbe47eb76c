import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Answers } from './answers.js';
import { helpText, readArguments } from './arguments.js';
import { type Prompts, completeAnswers } from './ask.js';
import { Cancelled, CreateError } from './create-error.js';
import { filesOf } from './template.js';
import { writePlugin } from './write-plugin.js';

/** Where a command reads and writes. */
export interface Io {
  readonly in: Readable & { readonly isTTY?: boolean };
  readonly out: Writable & { readonly isTTY?: boolean };
  readonly err: Writable;
}

/**
 * `npm create @hastejs/plugin`.
 * @returns the exit code: 0 done, 1 cannot be done as asked, 130 cancelled.
 */
export async function main(argv: readonly string[], io: Io, cwd: string): Promise<number> {
  try {
    const given = readArguments(argv);
    if (given.help) return said(io, helpText());
    if (given.version) return said(io, `${await ownVersion()}\n`);
    const answers = await completeAnswers(given, await promptsOn(io), cwd);
    const files = await filesOf(answers, await ownVersion(), new Date().getFullYear());
    await writePlugin(answers.folder, files);
    return said(io, nextSteps(answers, files.size, cwd));
  } catch (error) {
    if (error instanceof Cancelled) return 130;
    if (!(error instanceof CreateError)) throw error;
    io.err.write(`error ${error.message}\n`);
    return 1;
  }
}

/** The library that asks is loaded only where there is somebody to ask. */
async function promptsOn({ in: input, out }: Io): Promise<Prompts | null> {
  if (!input.isTTY || !out.isTTY) return null;
  const { terminalPrompts } = await import('./terminal.js');
  return terminalPrompts(input, out);
}

function said({ out }: Io, text: string): number {
  out.write(text);
  return 0;
}

/** All packages of Haste are released together, under one version. */
async function ownVersion(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function nextSteps({ kind, names, folder }: Answers, count: number, cwd: string): string {
  const path = relative(cwd, folder);
  const enter = path === '' ? [] : [`  cd ${/\s/.test(path) ? `"${path}"` : path}`];
  return [
    `Wrote ${names.packageName} (${kind.words} ${names.id}): ${count} files.`,
    '',
    ...enter,
    '  npm install',
    '  npm test          builds it and holds it against its contract',
    '  npm run train     trains with it on a few images',
    '',
    'Then make it your own: src/ has the extension, README.md says how to publish it.',
    '',
  ].join('\n');
}
