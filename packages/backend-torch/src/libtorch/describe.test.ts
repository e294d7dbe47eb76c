import { join } from 'node:path';
import { fakeMachine, libtorchFiles } from '#support/fake-libtorch.js';
import { describeTorch } from './describe.js';
import { PLATFORM } from './find-built.js';
import { FORMAT } from './manifest.js';
import { NATIVE, readSources } from './sources.js';

const machine = fakeMachine();
const at = (name: string) => join(machine.root(), name);
const told = (more = {}) =>
  describeTorch(machine.root(), machine.env({ HASTE_TORCH_HOME: at('home'), ...more }), at('usr'));

it('tells where it looked when there is no libtorch', async () => {
  await machine.program('python3', 'python');
  expect(await told()).toEqual([
    'libtorch: none found',
    `  the setup's environment (${at('home/venv')}): there is none`,
    '  Python on the path (python3): it has no package torch',
    '  Python on the path (python): there is no such command',
    `  the system's libtorch-dev (${at('usr')}): there is no such folder`,
  ]);
});

it('tells the libtorch that an addon could be built for', async () => {
  await machine.write(libtorchFiles('usr', { cuda: true, version: '2.13.0+cu130' }));
  expect(await told()).toEqual([`libtorch: 2.13.0+cu130, CUDA, ${at('usr')}`, 'addon: none that fits']);
});

it('tells the addon and what it was built for', async () => {
  await machine.write(libtorchFiles('torch'));
  const build = {
    format: FORMAT,
    libtorch: { root: at('torch'), lib: at('torch/lib'), version: '2.13.0+cpu', cuda: false },
    sources: readSources(NATIVE).hash,
    key: 'k',
    compiler: 'g++ 12',
    platform: PLATFORM,
    napi: 8,
    node: 'v20.19.0',
    date: '2026-01-01',
  };
  await machine.write({ 'home/x/build.json': JSON.stringify(build), 'home/x/haste_torch.node': '' });
  expect(await told()).toEqual([
    `libtorch: 2.13.0+cpu, CPU, ${at('torch')}`,
    `addon: ${at('home/x/haste_torch.node')}, built with g++ 12`,
  ]);
});
