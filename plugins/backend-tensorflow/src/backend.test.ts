import { type FakePackage, installFake } from '#support/fake-tfjs-node.js';
import { temporaryFiles } from '#support/temporary-files.js';
import { thrownBy } from '#support/samples.js';
import plugin, { tensorflowBackend } from '@hastejs/backend-tensorflow';
import { tf } from '@hastejs/tensor';
import { makeBackend } from './backend.js';
import { loaded } from './load.js';
import type { PackageChoice } from './locate.js';

const files = temporaryFiles();
const install = (name: FakePackage['name'], fake: Partial<FakePackage> = {}) =>
  installFake(files.root(), { name, ...fake });
const backendOf = (choice: PackageChoice = 'auto') => makeBackend({ package: choice, folders: [files.root()] });
const broken = { then: `throw new Error('no CUDA');` };

describe('backend/tensorflow', () => {
  afterEach(() => {
    if (loaded()) tf.removeBackend('tensorflow');
    for (const { kernelName } of tf.getKernelsForBackend('tensorflow')) tf.unregisterKernel(kernelName, 'tensorflow');
  });

  it('changes nothing when it is imported or probed', async () => {
    expect(plugin.extensions).toContain(tensorflowBackend);
    await install('tfjs-node');
    const report = { available: true, device: '@tensorflow/tfjs-node: processor', version: '4.22.0' };
    expect(await backendOf().probe()).toEqual(report);
    expect(await backendOf().details!()).toEqual([
      expect.stringMatching(/^@tensorflow\/tfjs-node 4\.22\.0: .*node_modules/),
      '@tensorflow/tfjs-node-gpu is not installed',
    ]);
    expect(tf.engine().backendNames()).toEqual([]);
    expect(tf.getKernelsForBackend('tensorflow')).toEqual([]);
  });

  it('becomes the backend when it is activated, and stays it when it is activated again', async () => {
    await install('tfjs-node');
    const [backend, again] = [backendOf(), backendOf('tfjs-node')];
    await backend.activate();
    const instance = tf.backend();
    await again.activate();
    expect(tf.getBackend()).toBe(backend.name);
    expect(tf.backend()).toBe(instance);
    expect(await again.probe()).toMatchObject({ version: '4.22.0, TensorFlow 2.0.0' });
  });

  it('takes the package for GPUs before the other, and claims a GPU only when TensorFlow has one', async () => {
    await install('tfjs-node');
    await install('tfjs-node-gpu', { usesGpu: true });
    const backend = backendOf();
    expect((await backend.probe()).device).toMatch(/^@tensorflow\/tfjs-node-gpu: processor, or GPU if/);
    await backend.activate();
    expect((await backend.probe()).device).toBe('@tensorflow/tfjs-node-gpu: GPU');
  });

  it('says so when the package for GPUs computes on the processor', async () => {
    await install('tfjs-node-gpu');
    await backendOf().activate();
    expect((await backendOf().probe()).device).toBe(
      '@tensorflow/tfjs-node-gpu: processor (TensorFlow found no GPU that it can use)',
    );
  });

  it('goes on to the other when the one for GPUs does not load', async () => {
    await install('tfjs-node');
    await install('tfjs-node-gpu', broken);
    await backendOf().activate();
    expect((await backendOf().probe()).device).toBe('@tensorflow/tfjs-node: processor');
  });

  it('is one clear error when nothing loads, when nothing is there, and when the other is loaded already', async () => {
    const activate = (choice?: PackageChoice) => thrownBy(() => backendOf(choice).activate());
    const code = 'BACKEND_UNAVAILABLE';
    expect(await activate()).toMatchObject({ code, fix: expect.stringMatching(/setup.tensorflow/) });
    expect(await backendOf().probe()).toMatchObject({
      available: false,
      reason: expect.stringMatching(/not installed/),
    });
    const folder = await install('tfjs-node-gpu', broken);
    expect(await activate()).toMatchObject({ code, where: expect.stringContaining(`no CUDA (${folder})`) });
    await install('tfjs-node');
    await backendOf('tfjs-node').activate();
    expect(await activate('tfjs-node-gpu')).toMatchObject({ code, fix: expect.stringContaining('new process') });
  });
});
