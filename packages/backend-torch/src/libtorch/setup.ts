import { HasteError } from '@hastejs/plugin-api';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build, choose } from './build.js';
import { faultOf } from './find-built.js';
import { torchHome } from './home.js';
import { type Inspection, type Libtorch, inspect } from './inspect.js';
import { installTorch } from './install.js';
import { locate, rejections } from './locate.js';
import { whileLocked } from './lock.js';
import { type Build, buildsIn } from './manifest.js';
import { ownTorch, ownVenv, removeOwn } from './own.js';
import type { Env } from './run.js';
import type { SetupOptions } from './setup-options.js';
import { NATIVE, readSources } from './sources.js';
import { PINNED } from './version.js';

export interface SetupContext {
  readonly cwd: string;
  readonly env: Env;
  readonly native?: string;
  /** Where Debian's packages lie. */
  readonly system?: string;
  readonly signal?: AbortSignal | undefined;
  readonly say: (line: string) => void;
}

export interface SetupResult {
  readonly libtorch: Libtorch;
  readonly build: Build;
  /** False if there was nothing to do. */
  readonly built: boolean;
}

type Place = SetupContext & { readonly home: string };

/**
 * Finds a libtorch, or installs one in the project's folder, and builds the addon for it. Interrupted, it leaves nothing that
 * passes for whole; run again, it does what is left.
 * @throws HasteError BACKEND_UNAVAILABLE
 */
export async function setup(options: SetupOptions, context: SetupContext): Promise<SetupResult> {
  refuseOtherSystems();
  const env = options.libtorch === undefined ? context.env : { ...context.env, LIBTORCH: options.libtorch };
  const place: Place = { ...context, env, home: torchHome(context.cwd, env) };
  return whileLocked(place.home, place, async () => {
    if (options.fresh) await startOver(place);
    const libtorch = await (options.version === undefined ? findOrInstall(place) : ownOf(options.version, place));
    if (libtorch.warning !== undefined) place.say(`warning: ${libtorch.warning}`);
    const earlier = fittingBuild(libtorch, place);
    if (earlier === undefined) {
      return { libtorch, build: await build(libtorch, { ...place, jobs: options.jobs }), built: true };
    }
    await choose(earlier);
    return { libtorch, build: earlier, built: false };
  });
}

async function findOrInstall(place: Place): Promise<Libtorch> {
  const located = await locate(place);
  if (located.found !== undefined) return tell(located.found.libtorch, place);
  if (place.env.LIBTORCH) {
    throw new HasteError('BACKEND_UNAVAILABLE', {
      what: 'The libtorch asked for cannot be used.',
      where: rejections(located).join('\n'),
      fix: "Name a folder that holds a libtorch's include/ and lib/, or a Python's site-packages/torch; or none, to have one found or installed.",
    });
  }
  for (const line of rejections(located)) place.say(`no libtorch: ${line}`);
  return ownOf(PINNED, place);
}

/** The libtorch of the project's own environment, in the version asked for; installed if it is not there. */
async function ownOf(version: string, place: Place): Promise<Libtorch> {
  const there = await ownLibtorch(place);
  if ('libtorch' in there && matches(there.libtorch.version, version)) return tell(there.libtorch, place);
  await installTorch(version, place);
  const installed = await ownLibtorch(place);
  if ('libtorch' in installed) return installed.libtorch;
  throw new HasteError('BACKEND_UNAVAILABLE', {
    what: `The torch ${version} that pip installed cannot be used: ${installed.reason}.`,
    where: ownVenv(place.home),
    fix: 'Choose another --version.',
  });
}

async function ownLibtorch({ home, env, signal }: Place): Promise<Inspection> {
  const torch = await ownTorch(home, env, signal);
  return 'root' in torch ? inspect(torch.root) : torch;
}

function tell(libtorch: Libtorch, { say }: Place): Libtorch {
  say(`found libtorch ${libtorch.version} (${libtorch.cuda ? 'CUDA' : 'CPU'}) in ${libtorch.root}`);
  return libtorch;
}

/** `2.13.0` is any build of it; `2.13.0+cpu` is that one. */
function matches(version: string, wanted: string): boolean {
  return version === wanted || version.split('+')[0] === wanted;
}

function fittingBuild(libtorch: Libtorch, { home, native = NATIVE }: Place): Build | undefined {
  const { hash } = readSources(native);
  return buildsIn(home).find((each) => faultOf(each, hash, libtorch.root) === undefined);
}

/** Forgets what setups made; the lock stays, which is ours. */
async function startOver({ home, say }: Place): Promise<void> {
  say(`starting over in ${home}`);
  await removeOwn(home);
  const folders = [join(home, 'objects'), ...buildsIn(home).map(({ folder }) => folder)];
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
}

function refuseOtherSystems(): void {
  if (process.platform === 'linux') return;
  throw new HasteError('BACKEND_UNAVAILABLE', {
    what: `The torch backend is built on Linux only, and this is ${process.platform}.`,
    where: 'setup:torch',
    fix: 'Use the wasm backend, which needs nothing; on Windows, WSL is a Linux.',
  });
}
