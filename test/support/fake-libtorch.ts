// A machine made of files: programs on a path of its own that do what Python, pip and a C++ compiler would answer, and
// folders that look like a libtorch.
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFiles } from './temporary-files.js';

export interface FakeLibtorch {
  readonly version?: string;
  readonly cuda?: boolean;
  /** The C++ that ATen.h asks for. */
  readonly standard?: number;
  /** Where its libraries lie, below its folder. */
  readonly lib?: string;
  /** What stands in libc10.so. */
  readonly symbols?: string;
}

/** The files of a libtorch as Python's wheel has them, for `temporaryFiles().write`. */
export function libtorchFiles(
  root: string,
  { version = '2.13.0+cpu', cuda = false, standard = 17, lib = 'lib', symbols = '' }: FakeLibtorch = {},
): Record<string, string> {
  return {
    [`${root}/version.py`]: `__version__ = '${version}'\n`,
    [`${root}/include/ATen/ATen.h`]: `#error C++${standard} or later compatible compiler is required to use ATen.\n`,
    [`${root}/${lib}/libtorch_cpu.so`]: '',
    [`${root}/${lib}/libc10.so`]: symbols,
    ...(cuda ? { [`${root}/${lib}/libtorch_cuda.so`]: '' } : {}),
  };
}

/** Says that it is there, notes each call, writes its output file, and fails on a source that says BROKEN. */
const COMPILER = `
[ "$1" = --version ] && { echo 'fake++ 1.0'; exit 0; }
echo "$@" >> "$LOG"
while [ $# -gt 0 ]; do
  case $1 in
    -o) out=$2 ;;
    *.cc) source=$1 ;;
  esac
  shift
done
[ -n "$source" ] && grep -q SLOW "$source" && { touch "$out"; exec sleep 60; }
[ -n "$source" ] && grep -q BROKEN "$source" && { echo "In file x:" >&2; echo "x.cc:1:1: error: BROKEN" >&2; exit 1; }
touch "$out"
`;

/**
 * Answers where torch is (the text in TORCH, if any); makes an environment with itself in it; installs by copying the folder
 * WHEEL, and notes each call.
 */
const PYTHON = `
echo "$@" >> "$LOG"
case "$1 $2" in
  '-m venv') mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  '-m pip')
    [ -n "$WHEEL" ] || { echo "ERROR: No matching distribution found for torch" >&2; exit 1; }
    cp -r "$WHEEL" "$(dirname "$0")/../torch" ;;
  *)
    own=$(cd "$(dirname "$0")/.." && pwd)/torch
    if [ -d "$own" ]; then echo "$own"; else echo "$TORCH"; fi ;;
esac
`;

const PROGRAMS = { compiler: COMPILER, python: PYTHON };

export interface FakeMachine {
  root(): string;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Puts a program on the path: a shell script, or one of those above. */
  program(name: string, script: keyof typeof PROGRAMS | (string & {})): Promise<void>;
  /** An environment with nothing on the path but those programs. */
  env(more?: Readonly<Record<string, string>>): Record<string, string>;
  /** The calls that the programs noted since the last time, as lines. */
  calls(): Promise<string[]>;
}

export function fakeMachine(): FakeMachine {
  const files = temporaryFiles();
  const log = () => join(files.root(), 'log');
  return {
    ...files,
    program: async (name, script) => {
      const text = PROGRAMS[script as keyof typeof PROGRAMS] ?? script;
      const path = name.includes('/') ? name : `bin/${name}`;
      await files.write({ [path]: `#!/bin/sh\nPATH=/usr/bin:/bin\n${text}` });
      await chmod(join(files.root(), path), 0o755);
    },
    env: (more = {}) => ({ PATH: join(files.root(), 'bin'), LOG: log(), ...more }),
    calls: async () => {
      const text = await readFile(log(), 'utf8').catch(() => '');
      await files.write({ log: '' });
      return text.split('\n').filter((line) => line !== '');
    },
  };
}
