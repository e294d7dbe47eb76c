import { resolve } from 'node:path';
import { type Answers, defaultAuthor, defaultDescription } from './answers.js';
import type { Arguments } from './arguments.js';
import { CreateError } from './create-error.js';
import { PLUGIN_KINDS, type PluginKind } from './kinds.js';
import { LICENCES, type Licence } from './licences.js';
import { nameFault, namesOf } from './names.js';

export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  readonly hint?: string;
}

/** How people are asked. `null`: nobody is there. */
export interface Prompts {
  select<T>(question: string, choices: readonly Choice<T>[]): Promise<T>;
  /** @param check what is wrong with an answer, or undefined. An empty answer is the default, which it is shown as. */
  text(question: string, byDefault: string, check?: (answer: string) => string | undefined): Promise<string>;
}

/**
 * Completes the command line: what it leaves open is asked for, in the order in which it matters, or has its default.
 * @throws CreateError when nobody can be asked for the kind or the name, and for a name that npm would refuse.
 */
export async function completeAnswers(given: Arguments, prompts: Prompts | null, cwd: string): Promise<Answers> {
  const open = given.yes ? null : prompts;
  // A wrong name is told before the first question.
  if (given.name !== undefined) namesOf(given.name, given.kind ?? PLUGIN_KINDS[0]!);
  const kind = given.kind ?? (await askKind(open));
  const names = namesOf(given.name ?? (await askName(open, kind)), kind);
  const description = given.description ?? (await askText(open, 'What does it do?', defaultDescription(kind)));
  const author = given.author ?? (await askText(open, 'Who holds the copyright?', defaultAuthor(names.packageName)));
  const license = given.license ?? (await askLicence(open));
  return { kind, names, description, author, license, folder: resolve(cwd, given.dir ?? names.folder) };
}

async function askKind(prompts: Prompts | null): Promise<PluginKind> {
  if (!prompts) throw missing('kind', `Say --kind with one of ${PLUGIN_KINDS.map(({ flag }) => flag).join(', ')}.`);
  const choices = PLUGIN_KINDS.map((kind) => ({ value: kind, label: kind.words, hint: kind.template }));
  return prompts.select('What kind of extension is it?', choices);
}

async function askName(prompts: Prompts | null, kind: PluginKind): Promise<string> {
  if (!prompts) throw missing('name', 'Say --name, such as --name haste-teacher-gabor.');
  return prompts.text('What is its package called?', `haste-${kind.prefix}-sketch`, nameFault);
}

async function askText(prompts: Prompts | null, question: string, byDefault: string): Promise<string> {
  return prompts ? prompts.text(question, byDefault) : byDefault;
}

async function askLicence(prompts: Prompts | null): Promise<Licence> {
  if (!prompts) return LICENCES[0];
  const choices = LICENCES.map((value) => ({
    value,
    label: value === 'UNLICENSED' ? 'none: all rights reserved' : value,
  }));
  return prompts.select('Under which licence?', choices);
}

const missing = (what: string, fix: string): CreateError =>
  new CreateError(`The plugin has no ${what}, and there is no terminal to ask on.`, fix);
