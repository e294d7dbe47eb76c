import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { judge } from './version.js';

/** A libtorch that the addon can be built on. */
export interface Libtorch {
  /** What holds `include/` and `lib/`: an unpacked libtorch, a Python's `site-packages/torch`, or `/usr`. */
  readonly root: string;
  /** As its maker wrote it: `2.13.0+cpu`. */
  readonly version: string;
  /** Whether it brings `libtorch_cuda.so`; not whether this machine has a GPU. */
  readonly cuda: boolean;
  /** Folders of headers, those of the C++ front end last. */
  readonly include: readonly string[];
  /** The folder of its shared libraries. */
  readonly lib: string;
  /** `_GLIBCXX_USE_CXX11_ABI`: which std::string its functions take. Wheels before 2.6 have the old one. */
  readonly abi: 0 | 1;
  /** The C++ that its headers ask for. */
  readonly standard: 'c++17' | 'c++20';
  /** Its OpenMP runtime, as the linker takes it: a file that it brings, or the system's by name. */
  readonly openmp: string;
  readonly warning?: string;
}

export type Inspection = { readonly libtorch: Libtorch } | { readonly reason: string };

/** Looks into a folder that should hold a libtorch. Reads a few files of it, starts no process, loads no library. */
export function inspect(root: string): Inspection {
  if (!existsSync(root)) return { reason: 'there is no such folder' };
  const headers = join(root, 'include');
  const aten = read(join(headers, 'ATen/ATen.h'));
  if (aten === undefined) return { reason: 'it has no include/ATen/ATen.h, so it is no libtorch with headers' };
  const lib = libraryFolder(root);
  if (lib === undefined) return { reason: 'it has no lib/ with libtorch_cpu.so and libc10.so' };
  const version = versionOf(root);
  if (version === undefined) return { reason: 'nothing in it tells its version' };
  const verdict = judge(version);
  if (!verdict.fits) return { reason: verdict.reason };
  return {
    libtorch: {
      root,
      version,
      cuda: existsSync(join(lib, 'libtorch_cuda.so')),
      include: [headers, join(headers, 'torch/csrc/api/include')],
      lib,
      abi: abiOf(lib),
      standard: Number(/#error C\+\+(\d+)/.exec(aten)?.[1]) === 20 ? 'c++20' : 'c++17',
      openmp: openmpOf(lib),
      ...(verdict.warning === undefined ? {} : { warning: verdict.warning }),
    },
  };
}

/** The version that a root tells, wherever its kind keeps it; undefined if nowhere. */
export function versionOf(root: string): string | undefined {
  const python = read(join(root, 'version.py'));
  const told = /^__version__ = ['"](.+)['"]/m.exec(python ?? '')?.[1] ?? read(join(root, 'build-version'))?.trim();
  if (told !== undefined) return told;
  const headers = ['torch/headeronly/version.h', 'torch/csrc/api/include/torch/version.h'];
  const texts = headers.map((name) => read(join(root, 'include', name)) ?? '');
  return texts.map((text) => /#define TORCH_VERSION\s+\\?\s*"(.+)"/.exec(text)?.[1]).find((found) => found);
}

function libraryFolder(root: string): string | undefined {
  const triplet = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
  const folders = ['lib', `lib/${triplet}`, 'lib64'].map((name) => join(root, name));
  const needed = ['libtorch_cpu.so', 'libc10.so'];
  return folders.find((folder) => needed.every((name) => existsSync(join(folder, name))));
}

/** Read from the symbols of its smallest library: no file of a libtorch names the ABI in all versions. */
function abiOf(lib: string): 0 | 1 {
  const symbols = readFileSync(join(lib, 'libc10.so'));
  return symbols.includes('_ZN3c105ErrorC1ENS_14SourceLocationESs') ? 0 : 1;
}

/**
 * Two OpenMP runtimes in a process fight over the processors, so the addon takes the one that libtorch_cpu.so loads: wheels
 * bring a libgomp of their own, beside it or in `torch.libs` (some with a name of its own, too); others use the system's.
 */
function openmpOf(lib: string): string {
  const folders = [lib, join(dirname(dirname(lib)), 'torch.libs')].filter((folder) => existsSync(folder));
  const runtimes = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /^lib(gomp|iomp5|omp)\b.*\.so/.test(name))
      .sort()
      .map((name) => join(folder, name)),
  );
  return runtimes[0] ?? '-l:libgomp.so.1';
}

function read(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
