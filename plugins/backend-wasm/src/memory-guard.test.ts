import { activateBackend } from '#support/backends.js';
import { type Tensor, tf } from '@hastejs/tensor';
import { isHasteError } from '@hastejs/plugin-api';
import { Heap, type WasmBackend } from './heap.js';

const GIB = 2 ** 30;

describe('a full WebAssembly heap', () => {
  beforeAll(() => activateBackend('wasm'));
  const backend = () => tf.backend() as unknown as WasmBackend;

  /** Fills the heap with memory that is never touched, so that the test costs address space only. */
  function fill(): { error: unknown; free(): void } {
    const made: object[] = [];
    let bytes = GIB;
    let error: unknown;
    while (bytes >= 2 ** 20) {
      try {
        made.push(backend().makeOutput([bytes / 4], 'float32').dataId);
      } catch (failure) {
        error = failure;
        bytes /= 2;
      }
    }
    return { error, free: () => made.forEach((dataId) => backend().disposeData(dataId)) };
  }

  it('is one clear error, harms no tensor, and is over when memory is freed', () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => i);
    const witness = tf.tensor1d(values);
    const before = tf.memory().numTensors;
    const big = tf.ones([2048, 500]);
    const { error, free } = fill();
    expect(isHasteError(error, 'BACKEND_MEMORY')).toBe(true);
    expect((error as Error).message).toMatch(/the limit is 4096 MiB/);

    // Ops, ours and stock ones, say so too; what stands in memory stays as it is.
    for (const op of [
      (x: Tensor) => tf.matMul(x as never, x as never, false, true),
      (x: Tensor) => tf.tile(x, [8, 1]),
    ]) {
      expect(() => op(big)).toThrow('BACKEND_MEMORY');
    }
    expect(witness.dataSync()).toEqual(values);

    free();
    tf.tidy(() => expect(tf.matMul(big, big, false, true).dataSync()[7]).toBe(500));
    expect(tf.memory().numTensors).toBe(before + 1);
    tf.dispose([witness, big]);
  });

  it('leaves no output of the kernel that failed', () => {
    const heap = new Heap(backend(), 1);
    const data = tf.backend().numDataIds();
    const failing = () =>
      heap.run(() => {
        heap.make([10]);
        heap.make([GIB]);
        return heap.make([10]);
      });
    expect(failing).toThrow('BACKEND_MEMORY');
    expect(tf.backend().numDataIds()).toBe(data);
  });
});
