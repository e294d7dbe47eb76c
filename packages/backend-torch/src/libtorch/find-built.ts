import { resolve } from 'node:path';
import { SETUP, torchHomes } from './home.js';
import { versionOf } from './inspect.js';
import { type Build, buildsIn } from './manifest.js';
import type { Env } from './run.js';
import { NATIVE, readSources } from './sources.js';

export type FoundBuild = { readonly build: Build } | { readonly reason: string; readonly fix: string };

export interface FindOptions {
  readonly cwd?: string;
  readonly env?: Env;
  /** The C++ that the addon must have been built from. */
  readonly native?: string;
}

/**
 * Finds the built addon that fits these sources, this Node and a libtorch that is still there; of several the one set up
 * last. Starts no process and loads nothing: a few milliseconds.
 */
export function findBuilt({ cwd = process.cwd(), env = process.env, native = NATIVE }: FindOptions = {}): FoundBuild {
  const sources = readSources(native).hash;
  const wanted = env.LIBTORCH ? resolve(cwd, env.LIBTORCH) : undefined;
  const builds = torchHomes(cwd, env).flatMap(buildsIn);
  const faults = builds.map((build) => ({ build, fault: faultOf(build, sources, wanted) }));
  const fitting = faults.find(({ fault }) => fault === undefined);
  if (fitting !== undefined) return { build: fitting.build };
  return { reason: faults[0]?.fault ?? 'The addon for libtorch is not built yet.', fix: `Run: ${SETUP}` };
}

/** Why a build cannot be used as things are; undefined if it can. */
export function faultOf({ manifest }: Build, sources: string, wanted?: string): string | undefined {
  const { libtorch, platform, napi } = manifest;
  if (platform !== PLATFORM) return `The addon was built for ${platform}, and this is ${PLATFORM}.`;
  if (napi > Number(process.versions.napi)) return `The addon needs Node-API ${napi}, which this Node does not have.`;
  if (wanted !== undefined && libtorch.root !== wanted) {
    return `LIBTORCH is ${wanted}, and the addon was built for ${libtorch.root}.`;
  }
  if (manifest.sources !== sources) return 'The addon was built from other sources than these.';
  const version = versionOf(libtorch.root);
  if (version === undefined) return `The libtorch that the addon was built for is gone: ${libtorch.root}.`;
  if (version !== libtorch.version) {
    return `The addon was built for libtorch ${libtorch.version}, and in ${libtorch.root} is now ${version}.`;
  }
  return undefined;
}

export const PLATFORM = `${process.platform}-${process.arch}`;
