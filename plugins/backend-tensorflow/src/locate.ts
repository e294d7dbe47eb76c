import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPackage, frameworkCore } from './find-package.js';
import { SETUP, searchFolders } from './home.js';

export type PackageName = 'tfjs-node-gpu' | 'tfjs-node';
/** `auto` prefers the one that may have a GPU. */
export type PackageChoice = 'auto' | PackageName;

/** TensorFlow.js' packages fit each other at equal versions only. */
export const VERSION = '4.22.0';

/** A package that is there with all it needs, as far as can be told without loading it. */
export interface Candidate {
  readonly name: PackageName;
  readonly folder: string;
}

/** A package that is not there, or not whole. */
export interface Fault {
  readonly name: PackageName;
  readonly reason: string;
  readonly fix: string;
}

export interface Located {
  /** In the order in which they are to be tried. */
  readonly candidates: readonly Candidate[];
  /** Why others will not do; one entry for each package that is nowhere. */
  readonly faults: readonly Fault[];
}

export interface LocateOptions {
  readonly package?: PackageChoice;
  /** From which to look, in the order of preference. */
  readonly folders?: readonly string[];
}

/** Looks for the official packages from the project, from here, and in what the setup made. Loads nothing: milliseconds. */
export function locate(options: LocateOptions = {}): Located {
  const { package: choice = 'auto', folders = searchFolders(process.cwd(), process.env) } = options;
  const names = choice === 'auto' ? (['tfjs-node-gpu', 'tfjs-node'] as const) : [choice];
  const looked = names.flatMap((name) => {
    const found = folders.flatMap((folder) => findPackage(`@tensorflow/${name}`, folder) ?? []);
    if (found.length === 0) return [missing(name)];
    return [...new Set(found)].map((folder) => inspect(name, folder));
  });
  return {
    candidates: looked.filter((each) => 'folder' in each),
    faults: looked.filter((each) => 'reason' in each),
  };
}

/** What is in the way and how to mend it: what is broken, or else what is missing and easiest to get. */
export function advice({ faults }: Located): { readonly reason: string; readonly fix: string } {
  const broken = faults.filter(({ reason }) => reason !== NOT_INSTALLED);
  const told = broken.length > 0 ? broken : faults.slice(-1);
  return {
    reason: told.map(({ name, reason }) => `@tensorflow/${name} ${reason}`).join('; '),
    fix: [...new Set(told.map(({ fix }) => fix))].join(' Or: '),
  };
}

const NOT_INSTALLED = 'is not installed';

function missing(name: PackageName): Fault {
  const install = `npm install @tensorflow/${name}@${VERSION}`;
  const fix = name === 'tfjs-node' ? `${SETUP} (or, with TensorFlow's download host in reach: ${install})` : install;
  return { name, reason: NOT_INSTALLED, fix };
}

function inspect(name: PackageName, folder: string): Candidate | Fault {
  const fault = (reason: string, fix: string): Fault => ({ name, reason: `${reason} (${folder})`, fix });
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  if (version !== VERSION) {
    return fault(`is version ${version}, and Haste needs ${VERSION}`, `npm install @tensorflow/${name}@${VERSION}`);
  }
  // Node-API 8 is the newest that the package knows, and every Node that Haste runs on has it.
  if (!existsSync(join(folder, 'lib/napi-v8/tfjs_binding.node'))) {
    return fault('lacks its native part, lib/napi-v8/tfjs_binding.node', rebuild(name));
  }
  const union = findPackage('@tensorflow/tfjs', folder);
  const core = union && findPackage('@tensorflow/tfjs-core', union);
  if (union === undefined || core === undefined) return fault('lacks its dependencies', `npm install`);
  if (core === frameworkCore()) return { name, folder };
  return fault(
    `computes with another copy of tfjs-core (${core}) than Haste (${frameworkCore()})`,
    'npm dedupe, so that both use one copy of @tensorflow/tfjs-core.',
  );
}

function rebuild(name: PackageName): string {
  const npm = `npm rebuild @tensorflow/${name}`;
  return name === 'tfjs-node' ? `${SETUP} (or, with TensorFlow's download host in reach: ${npm})` : npm;
}
