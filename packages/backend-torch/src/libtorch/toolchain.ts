import { HasteError } from '@hastejs/plugin-api';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { Libtorch } from './inspect.js';
import { type Env, run } from './run.js';

export interface Compiler {
  readonly program: string;
  /** What comes before its own arguments: `g++`, if the program is `ccache`. */
  readonly args: readonly string[];
  /** The first line that it says of itself: `g++ (Debian 12.2.0-14) 12.2.0`. */
  readonly version: string;
}

/** The Node-API that the addon is written for: every Node that Haste runs on has it. */
export const NAPI = 8;

const INSTALL = 'Install a C++ compiler (Debian, Ubuntu: apt-get install g++; Fedora: dnf install gcc-c++).';

/**
 * Finds the C++ compiler: the one that the variable CXX names, g++, c++, clang++.
 * @throws HasteError BACKEND_UNAVAILABLE if none runs.
 */
export async function findCompiler(env: Env, libtorch: Libtorch, signal?: AbortSignal): Promise<Compiler> {
  const commands = env.CXX ? [env.CXX] : ['g++', 'c++', 'clang++'];
  for (const command of commands) {
    const [program = '', ...args] = command.trim().split(/\s+/);
    const { status, stdout } = await run(program, [...args, '--version'], { env, signal, timeoutMs: 30_000 });
    const version = stdout.split('\n')[0]?.trim() ?? '';
    if (status !== 0 || version === '') continue;
    refuseMixedOpenmp(version, libtorch);
    return { program, args, version };
  }
  throw new HasteError('BACKEND_UNAVAILABLE', {
    what: env.CXX ? `The C++ compiler that CXX names, ${env.CXX}, does not run.` : 'There is no C++ compiler here.',
    where: `tried: ${commands.join(', ')}`,
    fix: env.CXX ? `Unset CXX, or name a compiler that runs. ${INSTALL}` : INSTALL,
  });
}

/** What clang makes of OpenMP asks for LLVM's runtime, which would come to stand beside the libgomp that libtorch runs on. */
function refuseMixedOpenmp(version: string, libtorch: Libtorch): void {
  if (!/clang/i.test(version) || !/libgomp/.test(libtorch.openmp)) return;
  throw new HasteError('BACKEND_UNAVAILABLE', {
    what: 'clang++ cannot build for this libtorch: two OpenMP runtimes in a process fight over the processors.',
    where: `${version}; ${libtorch.root} runs on ${libtorch.openmp}`,
    fix: `${INSTALL} If it is there under another name, say so: CXX=g++-12.`,
  });
}

/** Everything that decides what an object file holds, but for the sources. */
export function compileFlags(libtorch: Libtorch, sources: string): string[] {
  const system = [...libtorch.include, nodeHeaders()].filter((folder) => folder !== '/usr/include');
  return [
    `-std=${libtorch.standard}`,
    '-O3',
    '-fPIC',
    '-fvisibility=hidden',
    // Of the pragmas in libtorch's headers and in our kernels. Never at linking: that would bring the compiler's own runtime.
    '-fopenmp',
    // Nobody reads errno or floating-point flags after a root or a comparison, but keeping them right forbids vector code.
    '-fno-math-errno',
    '-fno-trapping-math',
    '-Wall',
    `-D_GLIBCXX_USE_CXX11_ABI=${libtorch.abi}`,
    `-DNAPI_VERSION=${NAPI}`,
    `-I${sources}`,
    // As system headers they give no warnings. /usr/include is one already, and naming it breaks libstdc++'s own order.
    ...system.flatMap((folder) => ['-isystem', folder]),
  ];
}

export function linkFlags(libtorch: Libtorch): string[] {
  const libraries = ['torch', 'torch_cpu', 'c10', ...(libtorch.cuda ? ['torch_cuda', 'c10_cuda'] : [])];
  return [
    '-shared',
    `-L${libtorch.lib}`,
    // Kernels register themselves when their library is loaded, so all are loaded, whether a symbol asks for them or not.
    '-Wl,--no-as-needed',
    ...libraries.map((name) => `-l${name}`),
    libtorch.openmp,
    // Not as RUNPATH, which a libtorch in LD_LIBRARY_PATH, of another version, would get before.
    ...['-rpath', libtorch.lib, '--disable-new-dtags'].flatMap((flag) => ['-Xlinker', flag]),
  ];
}

/** The headers of Node-API alone, from npm: the same whatever Node runs, and there even where Node came without any. */
function nodeHeaders(): string {
  const require = createRequire(import.meta.url);
  return `${dirname(require.resolve('node-api-headers/package.json'))}/include`;
}
