import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fakeMachine, libtorchFiles } from '#support/fake-libtorch.js';
import { build } from './build.js';
import { checkLoads } from './check-loads.js';
import { findBuilt } from './find-built.js';
import { inspect } from './inspect.js';

// The fake compiler makes empty files, which nothing can load.
jest.mock('./check-loads.js', () => ({ checkLoads: jest.fn(async () => undefined) }));

const machine = fakeMachine();
const at = (name: string) => join(machine.root(), name);

beforeEach(async () => {
  await machine.program('g++', 'compiler');
  await machine.write({
    ...libtorchFiles('torch'),
    'native/a.cc': '#include "c.h"',
    'native/kernels/b.cc': '',
    'native/c.h': '',
  });
});

async function make(options: Partial<Parameters<typeof build>[1]> = {}, root = 'torch') {
  const found = inspect(at(root));
  if (!('libtorch' in found)) throw new Error(found.reason);
  const said: string[] = [];
  const common = { home: at('home'), env: machine.env(), native: at('native'), say: (line: string) => said.push(line) };
  return { ...(await build(found.libtorch, { ...common, ...options })), said };
}
const compiled = async () => (await machine.calls()).flatMap((line) => /-c \S+\/native\/(\S+)/.exec(line)?.[1] ?? []);
const built = () => findBuilt({ cwd: machine.root(), env: { HASTE_TORCH_HOME: at('home') }, native: at('native') });

it('compiles each source, links all, and is found', async () => {
  const { addon, said } = await make();
  expect(built()).toMatchObject({
    build: { addon, manifest: { compiler: 'fake++ 1.0', libtorch: { version: '2.13.0+cpu' } } },
  });
  const calls = await machine.calls();
  expect(calls).toHaveLength(3);
  expect(calls[0]).toMatch(/^-std=c\+\+17 -O3 -fPIC -fvisibility=hidden -fopenmp .*-isystem \S+torch\/include /);
  expect(calls[2]).toMatch(
    /a\.cc-\w+\.o \S+kernels\.b\.cc-\w+\.o -o \S+\.part\/haste_torch\.node -shared .*-ltorch_cpu -lc10 -l:libgomp/,
  );
  expect(calls[2]).not.toMatch(/-fopenmp|-ltorch_cuda/);
  // Which of the two ends first is the machine's affair.
  expect(said.filter((line) => /^compiled (a|kernels\/b)\.cc \([12] of 2\)$/.test(line))).toHaveLength(2);
});

it('links CUDA where libtorch has it', async () => {
  await machine.write(libtorchFiles('gpu', { cuda: true, version: '2.13.0+cu130' }));
  await make({}, 'gpu');
  expect((await machine.calls()).at(-1)).toContain('-lc10 -ltorch_cuda -lc10_cuda');
});

it('compiles only what changed: a source, what includes a header, everything for another libtorch', async () => {
  await make({ jobs: 1 });
  expect(await compiled()).toEqual(['a.cc', 'kernels/b.cc']);
  await machine.write({ 'native/kernels/b.cc': 'int b;' });
  await make({ jobs: 1 });
  expect(await compiled()).toEqual(['kernels/b.cc']);
  await machine.write({ 'native/c.h': 'int c;' });
  await make({ jobs: 1 });
  expect(await compiled()).toEqual(['a.cc']);
  await machine.write(libtorchFiles('torch', { version: '2.13.1+cpu' }));
  await make({ jobs: 1 });
  expect(await compiled()).toEqual(['a.cc', 'kernels/b.cc']);
});

it('keeps neither builds nor objects of earlier sources', async () => {
  const first = await make();
  await machine.write({ 'native/a.cc': 'int changed;' });
  const second = await make();
  expect(existsSync(first.folder)).toBe(false);
  expect(existsSync(second.addon)).toBe(true);
  const [cache = ''] = readdirSync(at('home/objects'));
  expect(readdirSync(at(`home/objects/${cache}`))).toHaveLength(2);
});

it('tells the first error of the compiler, and leaves nothing that passes for a build', async () => {
  await machine.write({ 'native/a.cc': 'BROKEN' });
  await expect(make()).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    what: `${at('native/a.cc')} does not compile against libtorch 2.13.0+cpu.`,
    where: 'x.cc:1:1: error: BROKEN',
    fix: expect.stringContaining('CXX='),
  });
  expect(built()).toMatchObject({ reason: expect.any(String) });
});

it('does not replace a build that works by one that does not load', async () => {
  const { addon } = await make();
  jest.mocked(checkLoads).mockRejectedValueOnce(new Error('undefined symbol'));
  await expect(make()).rejects.toThrow('undefined symbol');
  expect(built()).toMatchObject({ build: { addon } });
  expect(readdirSync(at('home')).filter((name) => name.endsWith('.part'))).toEqual([]);
});

it('stops at once when it is interrupted, and keeps no half of an object', async () => {
  await machine.write({ 'native/kernels/b.cc': 'SLOW' });
  const interrupt = new AbortController();
  const say = (line: string) => line.startsWith('compiled a.cc') && interrupt.abort(new Error('stop'));
  await expect(make({ signal: interrupt.signal, say })).rejects.toThrow('stop');
  const [cache = ''] = readdirSync(at('home/objects'));
  expect(readdirSync(at(`home/objects/${cache}`))).toEqual([expect.stringMatching(/^a\.cc-\w+\.o$/)]);
});

it('runs no more compilers at once than it may', async () => {
  const names = ['d', 'e', 'f', 'g', 'h'];
  await machine.write(Object.fromEntries(names.map((name) => [`native/${name}.cc`, ''])));
  // Each waits for three to have begun, however slow the machine is, and then long enough for one too many to show.
  const others = 'n=0; while [ "$(grep -c start "$LOG")" -lt 3 ] && [ $n -lt 300 ]; do sleep 0.05; n=$((n + 1)); done';
  const note = `[ "$1" = --version ] && { echo fake; exit; }; echo start >> "$LOG"; ${others}; sleep 0.1; echo end >> "$LOG"`;
  await machine.program('g++', `${note}; while [ "$1" != -o ]; do shift; done; touch "$2"`);
  await make({ jobs: 3 });
  let running = 0;
  const most = (await machine.calls()).map((line) => (running += line === 'start' ? 1 : -1));
  expect(Math.max(...most)).toBe(3);
});
