import { join } from 'node:path';
import { libtorchFiles } from '#support/fake-libtorch.js';
import { temporaryFiles } from '#support/temporary-files.js';
import { type Libtorch, inspect, versionOf } from './inspect.js';

const files = temporaryFiles();
const at = (name: string) => join(files.root(), name);
const OLD_ABI = 'x\0_ZN3c105ErrorC1ENS_14SourceLocationESs\0y';
const NEW_ABI = 'x\0_ZN3c105ErrorC1ENS_14SourceLocationENSt7__cxx1112basic_string\0y';

function libtorchAt(name: string): Libtorch {
  const found = inspect(at(name));
  if (!('libtorch' in found)) throw new Error(found.reason);
  return found.libtorch;
}

it("reads a wheel: headers, libraries, version, the headers' C++, ABI", async () => {
  await files.write(libtorchFiles('torch', { symbols: NEW_ABI }));
  expect(inspect(at('torch'))).toEqual({
    libtorch: {
      root: at('torch'),
      version: '2.13.0+cpu',
      cuda: false,
      include: [at('torch/include'), at('torch/include/torch/csrc/api/include')],
      lib: at('torch/lib'),
      abi: 1,
      standard: 'c++17',
      openmp: '-l:libgomp.so.1',
    },
  });
});

it('tells CUDA, the old string ABI and C++20 when they are there', async () => {
  await files.write(libtorchFiles('torch', { cuda: true, standard: 20, symbols: OLD_ABI, version: '9.9.9' }));
  expect(libtorchAt('torch')).toMatchObject({
    cuda: true,
    abi: 0,
    standard: 'c++20',
    warning: expect.stringContaining('9.9.9'),
  });
});

it.each([
  ['lib/libgomp.so.1', 'torch/lib/libgomp.so.1'],
  ['lib/libgomp-a34b3233.so.1', 'torch/lib/libgomp-a34b3233.so.1'],
  ['../torch.libs/libgomp-947d5fa1.so.1.0.0', 'torch.libs/libgomp-947d5fa1.so.1.0.0'],
  ['lib/libiomp5.so', 'torch/lib/libiomp5.so'],
])('links the OpenMP runtime that a wheel brings: %s', async (file, runtime) => {
  await files.write({ ...libtorchFiles('torch'), [`torch/${file}`]: '', 'torch/lib/libgomputer.so': '' });
  expect(libtorchAt('torch').openmp).toBe(at(runtime));
});

it.each(['lib64', `lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`])(
  'finds libraries in %s',
  async (lib) => {
    await files.write(libtorchFiles('usr', { lib }));
    expect(libtorchAt('usr').lib).toBe(at(`usr/${lib}`));
  },
);

it.each([
  ['build-version', '2.12.1+cpu\n', '2.12.1+cpu'],
  ['include/torch/csrc/api/include/torch/version.h', '#define TORCH_VERSION \\\n  "1.13.0"\n', '1.13.0'],
  ['include/torch/headeronly/version.h', '#define TORCH_VERSION "2.14.1"\n', '2.14.1'],
])('reads the version from %s, where there is no Python', async (file, text, version) => {
  await files.write({ [`t/${file}`]: text });
  expect(versionOf(at('t'))).toBe(version);
});

it('says what is missing', async () => {
  expect(inspect(at('none'))).toEqual({ reason: 'there is no such folder' });
  await files.write({ 't/version.py': '__version__ = "2.13.0"' });
  expect(inspect(at('t'))).toEqual({ reason: expect.stringContaining('include/ATen/ATen.h') });
  await files.write({ 't/include/ATen/ATen.h': '', 't/lib/libtorch_cpu.so': '' });
  expect(inspect(at('t'))).toEqual({ reason: 'it has no lib/ with libtorch_cpu.so and libc10.so' });
  await files.write(libtorchFiles('t', { version: '1.12.1' }));
  expect(inspect(at('t'))).toEqual({ reason: 'it is libtorch 1.12.1, and Haste needs 1.13 or newer' });
  await files.write({ 't/version.py': '' });
  expect(inspect(at('t'))).toEqual({ reason: 'nothing in it tells its version' });
});
