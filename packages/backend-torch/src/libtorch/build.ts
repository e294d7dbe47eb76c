import { HasteError } from '@hastejs/plugin-api';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { checkLoads } from './check-loads.js';
import { compile, firstErrors, forgetOthers } from './compile.js';
import { PLATFORM } from './find-built.js';
import type { Libtorch } from './inspect.js';
import { ADDON, type Build, FORMAT, type Manifest, buildsIn, manifestPath } from './manifest.js';
import { type Env, run } from './run.js';
import { NATIVE, type Sources, hashOf, readSources } from './sources.js';
import { type Compiler, NAPI, compileFlags, findCompiler, linkFlags } from './toolchain.js';

export interface BuildOptions {
  /** The setup's folder: the build and the objects lie there. */
  readonly home: string;
  readonly env: Env;
  readonly native?: string;
  readonly jobs?: number;
  readonly signal?: AbortSignal | undefined;
  readonly say: (line: string) => void;
}

/**
 * Builds the addon for a libtorch: compiles what changed, links, loads it in a process of its own, and only then gives the
 * build its name. One process at a time may build in a home (see lock.ts).
 * @throws HasteError BACKEND_UNAVAILABLE: no compiler, or compiling, linking or loading failed.
 */
export async function build(libtorch: Libtorch, options: BuildOptions): Promise<Build> {
  const { home, env, native = NATIVE, jobs = availableParallelism(), signal, say } = options;
  const sources = readSources(native);
  const compiler = await findCompiler(env, libtorch, signal);
  const manifest = describe(libtorch, sources, compiler);
  say(`building for libtorch ${libtorch.version} with ${compiler.version}`);
  const cache = join(home, 'objects', hashOf(JSON.stringify([libtorch.root, libtorch.version])));
  const objects = await compile({ sources, libtorch, compiler, cache, jobs, env, signal, say });
  const folder = join(home, `${libtorch.version}-${manifest.key}`);
  const part = `${folder}.part`;
  try {
    await rm(part, { recursive: true, force: true });
    await mkdir(part, { recursive: true });
    await link(objects, join(part, ADDON), libtorch, compiler, options);
    say('linked; loading it in a process of its own');
    await checkLoads(join(part, ADDON), libtorch, env, signal);
    await writeManifest(part, manifest);
    await rm(folder, { recursive: true, force: true });
    await rename(part, folder);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  await forgetOthers(cache, objects);
  await forgetEarlier(home, manifest);
  return { folder, addon: join(folder, ADDON), manifest };
}

/** Marks a build as the one to be taken: findBuilt prefers the latest. */
export async function choose(build: Build): Promise<void> {
  await writeManifest(build.folder, { ...build.manifest, date: new Date().toISOString() });
}

function describe(libtorch: Libtorch, sources: Sources, compiler: Compiler): Manifest {
  const { root, lib, version, cuda } = libtorch;
  const flags = [compileFlags(libtorch, sources.folder), linkFlags(libtorch)];
  return {
    format: FORMAT,
    libtorch: { root, lib, version, cuda },
    sources: sources.hash,
    key: hashOf(JSON.stringify([FORMAT, root, version, sources.hash, flags, compiler.version, PLATFORM])),
    compiler: compiler.version,
    platform: PLATFORM,
    napi: NAPI,
    node: process.version,
    date: new Date().toISOString(),
  };
}

async function link(
  objects: readonly string[],
  addon: string,
  libtorch: Libtorch,
  compiler: Compiler,
  { env, signal }: BuildOptions,
): Promise<void> {
  const args = [...compiler.args, ...objects, '-o', addon, ...linkFlags(libtorch)];
  const { status, stderr } = await run(compiler.program, args, { env, signal });
  if (status === 0) return;
  throw new HasteError('BACKEND_UNAVAILABLE', {
    what: `The addon does not link against libtorch ${libtorch.version}.`,
    where: firstErrors(stderr) || compiler.version,
    fix: `Install libtorch again, or use another one (--libtorch, --version): ${libtorch.lib} may be incomplete.`,
  });
}

async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const path = manifestPath(folder);
  await writeFile(`${path}.part`, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(`${path}.part`, path);
}

/** Builds of earlier sources for the same libtorch, and what an ended process left half-made. */
async function forgetEarlier(home: string, { key, libtorch }: Manifest): Promise<void> {
  const earlier = buildsIn(home).filter(
    ({ manifest }) => manifest.libtorch.root === libtorch.root && manifest.key !== key,
  );
  const parts = (await readdir(home)).filter((name) => name.endsWith('.part')).map((name) => join(home, name));
  const folders = [...earlier.map(({ folder }) => folder), ...parts];
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
}
