import { HasteError } from '@hastejs/plugin-api';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export interface SetupOptions {
  /** A version of PyTorch to install, whatever libtorch the machine has. */
  readonly version?: string;
  /** A libtorch to build for, in place of the variable LIBTORCH. */
  readonly libtorch?: string;
  /** Throws away what earlier setups made. */
  readonly fresh: boolean;
  /** Compilers at once. */
  readonly jobs: number;
  readonly help: boolean;
}

export const HELP = `Finds a libtorch, or gets one, and builds Haste's addon for it. Run again, it does only what is left to do.

  --libtorch <folder>  build for the libtorch in this folder (or set LIBTORCH)
  --version <version>  install this PyTorch in the project's own environment: 2.13.0, or 2.13.0+cpu on a GPU machine
  --fresh              start over: forget the environment, objects and builds
  --jobs <count>       compilers at once; each takes up to 2 GB of memory
  --help               this text

It looks for a libtorch in: LIBTORCH, the project's own environment (.haste/torch/venv), the Python on the path, the
system (Debian: libtorch-dev). HASTE_TORCH_HOME names another folder than .haste/torch; CXX another compiler than g++.`;

/** @throws HasteError USAGE */
export function parseSetup(argv: readonly string[]): SetupOptions {
  const { version, libtorch, fresh, jobs, help } = parse(argv);
  const count = jobs === undefined ? availableParallelism() : Number(jobs);
  if (!Number.isInteger(count) || count < 1) throw usage(`--jobs must be a whole number above 0, not "${jobs}".`);
  if (version !== undefined && libtorch !== undefined) throw usage('Give --version or --libtorch, not both.');
  if (version !== undefined && !/^\d+\.\d+\.\d+(\+\w+)?$/.test(version)) {
    throw usage(`--version must be like 2.13.0 or 2.13.0+cpu, not "${version}".`);
  }
  return {
    ...(version === undefined ? {} : { version }),
    ...(libtorch === undefined ? {} : { libtorch }),
    fresh: fresh ?? false,
    jobs: count,
    help: help ?? false,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        version: { type: 'string' },
        libtorch: { type: 'string' },
        fresh: { type: 'boolean' },
        jobs: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw usage((error as Error).message);
  }
}

function usage(what: string): HasteError {
  return new HasteError('USAGE', { what, where: 'setup:torch', fix: HELP });
}
