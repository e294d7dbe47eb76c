import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fakeMachine, libtorchFiles } from '#support/fake-libtorch.js';
import { hasNvidiaGpu } from './gpu.js';
import { installTorch } from './install.js';

jest.mock('./gpu.js', () => ({ hasNvidiaGpu: jest.fn(async () => false) }));

const machine = fakeMachine();
const at = (name: string) => join(machine.root(), name);
const said: string[] = [];
const say = (line: string) => void said.push(line);
const install = (version: string, env = {}) =>
  installTorch(version, { home: at('home'), env: machine.env({ WHEEL: at('wheel'), ...env }), say });
const packages = async () => (await machine.calls()).map((line) => line.replace(/.*--only-binary :all: /, ''));

beforeEach(async () => {
  said.length = 0;
  jest.mocked(hasNvidiaGpu).mockClear();
  await machine.program('python3', 'python');
  await machine.write(libtorchFiles('wheel'));
});

it('installs the CPU build where there is no GPU, and cannot pull CUDA', async () => {
  await install('2.13.0');
  expect(await packages()).toEqual([
    `-m venv ${at('home/venv')}`,
    '--no-deps --extra-index-url https://download.pytorch.org/whl/cpu torch==2.13.0+cpu',
    'torch==2.13.0+cpu numpy',
  ]);
});

it('installs the CUDA build with what it runs on where there is a GPU', async () => {
  jest.mocked(hasNvidiaGpu).mockResolvedValueOnce(true);
  await install('2.13.0');
  expect((await packages()).slice(1)).toEqual(['torch==2.13.0']);
});

it('installs the build that the version names, GPU or not', async () => {
  await install('2.13.0+cu128');
  const index = '--extra-index-url https://download.pytorch.org/whl/cu128';
  expect((await packages()).slice(1)).toEqual([`${index} torch==2.13.0+cu128`]);
  expect(hasNvidiaGpu).not.toHaveBeenCalled();
});

it('is content with the library when only what PyTorch itself needs cannot be had', async () => {
  await machine.program(
    'python3',
    `
    case "$*" in
      *venv*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
      *no-deps*) exit 0 ;;
      *) exit 1 ;;
    esac`,
  );
  await install('2.13.0');
  expect(said.at(-1)).toBe('could not; Haste does not need it');
});

it('gives up an index that does not answer soon, and never compiles PyTorch', async () => {
  await install('2.13.0');
  expect((await machine.calls())[1]).toMatch(/--retries 1 --timeout 15 --only-binary :all: /);
});

it('starts from an empty environment', async () => {
  await machine.write({ 'home/venv/lib/half': '' });
  await install('2.13.0');
  expect(existsSync(at('home/venv/lib/half'))).toBe(false);
});

it("tells pip's words", async () => {
  await expect(install('9.9.9', { WHEEL: '' })).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    what: 'pip finds no torch 9.9.9+cpu for this Python.',
    where: 'ERROR: No matching distribution found for torch',
    fix: expect.stringContaining('--libtorch'),
  });
});

it('tells a Python without venv from no Python', async () => {
  await machine.program('python3', 'echo "ensurepip is not available" >&2; exit 1');
  await expect(install('2.13.0')).rejects.toMatchObject({
    what: 'Python cannot make an environment for PyTorch.',
    where: 'ensurepip is not available',
    fix: expect.stringContaining('python3-venv'),
  });
  await expect(installTorch('2.13.0', { home: at('home'), env: { PATH: '/nowhere' }, say })).rejects.toMatchObject({
    what: 'There is no python3 here, so no PyTorch can be had.',
  });
});
