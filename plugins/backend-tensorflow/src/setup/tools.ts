import { HasteError } from '@hastejs/plugin-api';
import { join } from 'node:path';
import type { Ran } from './run.js';
import type { Work } from './work.js';

/** The programs that a setup needs, found before anything is fetched. */
export interface Tools {
  readonly python: string;
  readonly compiler: readonly [program: string, ...args: string[]];
}

/** @throws HasteError BACKEND_UNAVAILABLE naming the first that is missing, and how to install it. */
export async function findTools(work: Work): Promise<Tools> {
  await findNpm(work);
  return { compiler: await findCompiler(work), python: await findPip(work) };
}

async function findNpm(work: Work): Promise<void> {
  if (await works(work, 'npm', ['--version'])) return;
  throw missing('npm, which came with Node', 'npm', 'Install Node from nodejs.org or your distribution, with npm.');
}

async function findCompiler(work: Work): Promise<Tools['compiler']> {
  const commands = work.env.CXX ? [work.env.CXX] : ['g++', 'c++', 'clang++'];
  for (const command of commands) {
    const [program = '', ...args] = command.trim().split(/\s+/);
    if (await works(work, program, [...args, '--version'])) return [program, ...args];
  }
  const fix = 'Install one (Debian, Ubuntu: apt-get install g++; Fedora: dnf install gcc-c++).';
  throw missing('a C++ compiler', commands.join(', '), work.env.CXX ? `Unset CXX, or correct it. ${fix}` : fix);
}

/** A Python with pip; where Debian left pip out, one in an environment made for the occasion. */
async function findPip(work: Work): Promise<string> {
  const commands = ['python3', 'python'];
  for (const python of commands) if (await works(work, python, ['-m', 'pip', '--version'])) return python;
  const folder = join(work.part, 'venv');
  for (const python of commands) {
    if (await works(work, python, ['-m', 'venv', folder])) return join(folder, 'bin/python');
  }
  const fix = 'Install both (Debian, Ubuntu: apt-get install python3-venv; Fedora: dnf install python3-pip).';
  throw missing('Python with pip', commands.join(', '), fix);
}

async function works({ run, env, signal }: Work, program: string, args: readonly string[]): Promise<boolean> {
  return (await run(program, args, { env, signal })).status === 0;
}

function missing(what: string, tried: string, fix: string): HasteError {
  return new HasteError('BACKEND_UNAVAILABLE', { what: `The setup needs ${what}.`, where: `tried: ${tried}`, fix });
}

/** What a step throws: the last lines that the program printed tell the reason. */
export function failed(what: string, { output }: Ran, fix: string): HasteError {
  const where = output.split('\n').slice(-12).join('\n');
  return new HasteError('BACKEND_UNAVAILABLE', { what, where: where || 'it printed nothing', fix });
}
