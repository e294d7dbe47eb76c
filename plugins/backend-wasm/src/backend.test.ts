import plugin, { wasmBackend } from '@hastejs/backend-wasm';
import { tf } from '@hastejs/tensor';

describe('backend/wasm', () => {
  // Each test file has its own modules: here nothing has activated a backend yet.
  it('changes nothing when it is imported or probed', async () => {
    expect(plugin.extensions).toContain(wasmBackend);
    const backend = await wasmBackend.create({ threads: 1 }, {});
    expect(await backend.probe()).toEqual({ available: true, device: 'WebAssembly SIMD, 1 thread', version: '4.22.0' });
    expect(wasmBackend.options.safeParse({ threads: 0 }).success).toBe(false);
    expect(tf.engine().backendNames()).toEqual([]);
    expect(tf.getKernelsForBackend('wasm')).toEqual([]);
  });

  it('becomes the backend when it is activated, and stays it when it is activated again', async () => {
    const backend = await wasmBackend.create({}, {});
    await backend.activate();
    const instance = tf.backend();
    const matMul = tf.getKernel('BatchMatMul', 'wasm');
    await (await wasmBackend.create({}, {})).activate();
    expect(tf.getBackend()).toBe('wasm');
    expect(tf.backend()).toBe(instance);
    expect(tf.getKernel('BatchMatMul', 'wasm')).toBe(matMul);
  });
});
