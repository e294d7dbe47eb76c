import { type FakePackage, installFake } from '#support/fake-tfjs-node.js';
import { temporaryFiles } from '#support/temporary-files.js';
import { tf } from '@hastejs/tensor';
import { activateBackend } from '#support/backends.js';
import { load, loaded } from './load.js';

const files = temporaryFiles();
const kernels = () => tf.getKernelsForBackend('tensorflow').map(({ kernelName }) => kernelName);
const loadFake = async (fake: Partial<FakePackage> = {}) =>
  load({ name: 'tfjs-node', folder: await installFake(files.root(), { name: 'tfjs-node', ...fake }) });

describe('loading an official package', () => {
  beforeEach(() => activateBackend('cpu'));
  afterEach(() => {
    if (loaded()) tf.removeBackend('tensorflow');
    for (const name of kernels()) tf.unregisterKernel(name, 'tensorflow');
  });

  it('leaves the chosen backend chosen, and no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const backend = await loadFake();
    expect(loaded()).toBe(backend);
    expect(tf.getBackend()).toBe('cpu');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('hides the command line, whose --dir node-pre-gyp would take for its own', async () => {
    const { argv } = process;
    process.argv = ['node', 'haste', 'train', '--dir', 'runs/mine'];
    try {
      const backend = (await loadFake()) as unknown as { argv: string[] };
      expect(backend.argv).toEqual(['node', 'haste']);
      expect(process.argv).toHaveLength(5);
    } finally {
      process.argv = argv;
    }
  });

  it.each<[string, Partial<FakePackage>, RegExp]>([
    [
      'throws halfway',
      { then: `throw new Error('libcudart.so.11.0: not found');` },
      /tfjs-node does not load: libcuda/,
    ],
    ['brought its own engine', { then: 'module.exports.engine = () => ({});' }, /copy of tfjs-core of its own/],
    ['brought its own tensors', { then: 'module.exports.Tensor = class {};' }, /copy of tfjs-core of its own/],
    ['cannot add', { then: `kernel('Add', () => 0);` }, /1 \+ 2 is 0/],
  ])('takes everything back if the package %s', async (_, fake, message) => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    await expect(loadFake(fake)).rejects.toThrow(message);
    expect(loaded()).toBeUndefined();
    expect(kernels()).toEqual([]);
    expect(tf.getBackend()).toBe('cpu');
    warn.mockRestore();
  });
});
