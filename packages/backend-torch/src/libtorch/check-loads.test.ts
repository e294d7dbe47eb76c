import { join } from 'node:path';
import { temporaryFiles } from '#support/temporary-files.js';
import { checkLoads } from './check-loads.js';

const files = temporaryFiles();
const libtorch = { version: '2.13.0' };
const check = async (name: string, text: string) => {
  await files.write({ [name]: text });
  return checkLoads(join(files.root(), name), libtorch, process.env);
};

it('is content with what loads', async () => {
  await expect(check('addon.js', '')).resolves.toBeUndefined();
});

it("tells the loader's words", async () => {
  await expect(check('addon.node', 'no library')).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    what: 'The addon is built, but it does not load with libtorch 2.13.0.',
    where: expect.stringMatching(/addon\.node: (file too short|invalid ELF header)/),
    fix: expect.stringContaining('--fresh'),
  });
});

it.each([
  ['libcudart.so.13', "Install what brings libcudart.so.13, one of CUDA's libraries, or use a CPU build of libtorch."],
  ['libopenblas.so.0', 'Install what brings libopenblas.so.0.'],
])('names the library that is missing: %s', async (library, fix) => {
  const text = `throw new Error('${library}: cannot open shared object file: No such file or directory');`;
  await expect(check('addon.js', text)).rejects.toMatchObject({ fix, where: expect.stringContaining(library) });
});

it('survives an addon that ends its process', async () => {
  await expect(check('addon.js', "process.kill(process.pid, 'SIGSEGV')")).rejects.toMatchObject({
    where: 'the process was killed',
  });
});
