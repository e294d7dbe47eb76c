import { existsSync } from 'node:fs';
import { fakeMachine } from '#support/fake-libtorch.js';
import type { Libtorch } from './inspect.js';
import { compileFlags, findCompiler, linkFlags } from './toolchain.js';

const machine = fakeMachine();
const libtorch: Libtorch = {
  root: '/t',
  version: '2.14.1',
  cuda: false,
  include: ['/usr/include', '/usr/include/torch/csrc/api/include'],
  lib: '/t/lib',
  abi: 0,
  standard: 'c++20',
  openmp: '/t/lib/libgomp.so.1',
};
const answer = (version: string) => `[ "$1" = --version ] && echo '${version}'`;

it('takes g++ before others, and CXX before all, with its launcher', async () => {
  await machine.program('c++', answer('c++ 9'));
  expect(await findCompiler(machine.env(), libtorch)).toEqual({ program: 'c++', args: [], version: 'c++ 9' });
  await machine.program('g++', answer('g++ 12'));
  expect((await findCompiler(machine.env(), libtorch)).version).toBe('g++ 12');
  await machine.program('ccache', '[ "$1 $2" = "g++-9 --version" ] && echo "g++ 9"');
  expect(await findCompiler(machine.env({ CXX: 'ccache g++-9' }), libtorch)).toEqual({
    program: 'ccache',
    args: ['g++-9'],
    version: 'g++ 9',
  });
});

it('says how to get one when there is none', async () => {
  await expect(findCompiler(machine.env(), libtorch)).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    where: 'tried: g++, c++, clang++',
    fix: expect.stringContaining('apt-get install g++'),
  });
  await expect(findCompiler(machine.env({ CXX: 'no++' }), libtorch)).rejects.toThrow(/CXX names, no\+\+, does not run/);
});

it("refuses clang beside libgomp, and takes it beside LLVM's own runtime", async () => {
  await machine.program('clang++', answer('clang version 19'));
  await expect(findCompiler(machine.env(), libtorch)).rejects.toThrow(/two OpenMP runtimes/);
  const intel = { ...libtorch, openmp: '/t/lib/libiomp5.so' };
  expect((await findCompiler(machine.env(), intel)).program).toBe('clang++');
});

it("compiles for libtorch's ABI and standard, with the headers of Node-API, and never names /usr/include", () => {
  const flags = compileFlags(libtorch, '/native');
  expect(flags).toEqual(expect.arrayContaining(['-std=c++20', '-D_GLIBCXX_USE_CXX11_ABI=0', '-I/native']));
  expect(flags).not.toContain('/usr/include');
  const node = flags.find((flag) => flag.endsWith('node-api-headers/include'));
  expect(existsSync(`${node}/node_api.h`)).toBe(true);
});

it("links libtorch's own OpenMP runtime, and finds libtorch before any other at run time", () => {
  const flags = linkFlags(libtorch);
  expect(flags).toContain('/t/lib/libgomp.so.1');
  expect(flags.join(' ')).toContain('-Xlinker -rpath -Xlinker /t/lib -Xlinker --disable-new-dtags');
});
