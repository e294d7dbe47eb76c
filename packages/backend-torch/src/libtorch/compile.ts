import { HasteError } from '@hastejs/plugin-api';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Libtorch } from './inspect.js';
import { type Env, run } from './run.js';
import { type Source, type Sources, hashOf } from './sources.js';
import { type Compiler, compileFlags } from './toolchain.js';

export interface CompileOptions {
  readonly sources: Sources;
  readonly libtorch: Libtorch;
  readonly compiler: Compiler;
  /** Where object files are kept from one build to the next. */
  readonly cache: string;
  /** Compilers at once; each takes up to 2 GB. */
  readonly jobs: number;
  readonly env: Env;
  readonly signal?: AbortSignal | undefined;
  readonly say: (line: string) => void;
}

/**
 * Compiles every source that is not compiled yet, several at once, and returns the object files. An object is named after
 * everything it depends on (its text, the headers it includes, flags, compiler, libtorch), so a changed source compiles alone.
 * @throws HasteError BACKEND_UNAVAILABLE with the first errors of the compiler.
 */
export async function compile(options: CompileOptions): Promise<string[]> {
  const { sources, cache, jobs, signal, say } = options;
  await mkdir(cache, { recursive: true });
  const units = sources.units.map((source) => ({ source, object: join(cache, objectName(source, options)) }));
  const missing = units.filter(({ object }) => !existsSync(object));
  if (missing.length < units.length) say(`${units.length - missing.length} of ${units.length} files need no compiling`);
  let done = 0;
  const failed = new AbortController();
  const stop = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  const queue = [...missing];
  const work = async () => {
    for (let unit = queue.shift(); unit !== undefined && !stop.aborted; unit = queue.shift()) {
      await compileOne(unit.source, unit.object, options, stop);
      say(`compiled ${unit.source.path} (${++done} of ${missing.length})`);
    }
  };
  // The first failure stops the other compilers, and is what is told; their ends are waited for, so none is left behind.
  const first = { error: undefined as unknown };
  const workers = Array.from({ length: Math.min(jobs, missing.length) }, () =>
    work().catch((error: unknown) => {
      first.error ??= error;
      failed.abort(error);
    }),
  );
  await Promise.all(workers);
  if (first.error !== undefined) throw first.error;
  signal?.throwIfAborted();
  return units.map(({ object }) => object);
}

/** Removes the objects of earlier sources. */
export async function forgetOthers(cache: string, objects: readonly string[]): Promise<void> {
  const kept = new Set(objects);
  const others = (await readdir(cache)).map((name) => join(cache, name)).filter((path) => !kept.has(path));
  await Promise.all(others.map((path) => rm(path, { force: true })));
}

function objectName({ path, hash }: Source, { sources, libtorch, compiler }: CompileOptions): string {
  const flags = compileFlags(libtorch, sources.folder);
  const all = [path, hash, flags, compiler.version, libtorch.root, libtorch.version];
  return `${path.replaceAll('/', '.')}-${hashOf(JSON.stringify(all))}.o`;
}

async function compileOne(source: Source, object: string, options: CompileOptions, signal: AbortSignal): Promise<void> {
  const { sources, libtorch, compiler, env } = options;
  // Renamed when whole: an interrupted compiler leaves nothing that looks like an object.
  const part = `${object}.part`;
  const file = join(sources.folder, source.path);
  try {
    const args = [...compiler.args, ...compileFlags(libtorch, sources.folder), '-c', file, '-o', part];
    const { status, stderr } = await run(compiler.program, args, { env, signal });
    if (status !== 0) throw compileFault(file, stderr, options);
    await rename(part, object);
  } finally {
    await rm(part, { force: true });
  }
}

function compileFault(file: string, stderr: string, { compiler, libtorch, jobs }: CompileOptions): HasteError {
  const killed = /Killed|out of memory/i.test(stderr) || stderr === '';
  return new HasteError('BACKEND_UNAVAILABLE', {
    what: `${file} does not compile against libtorch ${libtorch.version}.`,
    where: firstErrors(stderr) || compiler.version,
    fix: killed
      ? `The compiler was probably out of memory: run fewer at once than ${jobs} (--jobs 1).`
      : `Use a newer compiler than ${compiler.version} (CXX=g++-12), or another libtorch (--libtorch, --version).`,
  });
}

/** The lines of a compiler or linker that name errors, the first few; else its first lines. */
export function firstErrors(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const errors = lines.filter((line) => /error|undefined reference|cannot find/i.test(line));
  return (errors.length > 0 ? errors : lines).slice(0, 6).join('\n');
}
