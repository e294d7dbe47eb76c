import { activateBackend } from '#support/backends.js';
import { randomInput } from '#support/op-check.js';
import { type TensorInfo, tf } from '@hastejs/tensor';
import { Heap, type WasmBackend } from '../heap.js';
import { multiply } from '../kernels/matmul.js';

describe('threads', () => {
  const heaps: Heap[] = [];
  const withThreads = (threads: number): Heap => {
    const heap = new Heap(tf.backend() as unknown as WasmBackend, threads);
    heaps.push(heap);
    return heap;
  };

  beforeAll(() => activateBackend('wasm'));
  afterAll(() => Promise.all(heaps.map((heap) => heap.closeThreads())));

  const [M, K] = [150, 90];

  /** A product large enough to be cut for every thread. */
  function product(heap: Heap, N: number): Float32Array {
    return tf.tidy(() => {
      const [a, b] = [randomInput('a', [M, K]), randomInput('b', [K, N])];
      const c = tf.zeros([M, N]);
      const [at, bt, ct] = [a, b, c].map((tensor: TensorInfo) => heap.address(tensor)) as [number, number, number];
      multiply(heap, { a: at, b: bt, c: ct, M, N, K });
      return c.dataSync() as never;
    }) as unknown as Float32Array;
  }

  it('change no bit, however many there are', () => {
    const alone = product(withThreads(1), 515);
    for (const threads of [2, 4]) expect(product(withThreads(threads), 515)).toEqual(alone);
  });

  it('see the heap when it has grown since they began', () => {
    const heap = withThreads(2);
    const before = product(heap, 400);
    const { memory } = heap.backend.wasm.asm;
    const size = memory.buffer.byteLength;
    const filler = heap.make([Math.ceil(size / 4)]);
    expect(memory.buffer.byteLength).toBeGreaterThan(size);
    expect(product(heap, 400)).toEqual(before);
    heap.backend.disposeData(filler.dataId);
  });

  it('take many jobs in a row, each done when it returns', () => {
    const heap = withThreads(3);
    const n = 2 ** 17;
    const [x, y] = [heap.make([n]), heap.make([n])];
    for (let round = 1; round <= 100; round++) {
      heap.floats(heap.address(x), n).fill(round);
      heap.parallel('ema', [n, 4, 2 ** 20], (from, to) => {
        const [source, target] = [heap.address(x) + 4 * from, heap.address(y) + 4 * from];
        return [source, source, target, to - from, 0.5, 0.5];
      });
      const out = heap.floats(heap.address(y), n);
      for (const i of [0, 1, n / 4, n / 2 - 1, n - 1]) expect(out[i]).toBe(round);
    }
    for (const tensor of [x, y]) heap.backend.disposeData(tensor.dataId);
  });

  it('report a call that fails, and go on afterwards', () => {
    const heap = withThreads(2);
    const beyond = (): number[] => [4294967280, 4294967280, 64];
    expect(() => heap.parallel('geluTanh', [64, 1, 2 ** 20], beyond)).toThrow("'geluTanh' failed");
    expect(product(heap, 400)).toEqual(product(withThreads(1), 400));
  });
});
