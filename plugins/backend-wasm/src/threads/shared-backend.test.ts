import { activateBackend } from '#support/backends.js';
import { tf } from '@hastejs/tensor';
import type { WasmBackend } from '../heap.js';
import { isShared } from '../simd/webassembly.js';
import { shareMemory } from './shared-backend.js';

const HEADER = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

describe('the shared heap', () => {
  it('is the one bit that says so', () => {
    // A custom section of three bytes, then one memory of 1 to 300 pages.
    const binary = Uint8Array.from([...HEADER, 0, 3, 1, 2, 3, 5, 5, 1, 1, 1, 0xac, 2]);
    const changed = binary.slice();
    expect(shareMemory(changed)).toBe(true);
    expect([...changed].flatMap((byte, i) => (byte === binary[i] ? [] : [[i, byte]]))).toEqual([[16, 3]]);
  });

  it.each([
    ['no memory', [0, 3, 1, 2, 3]],
    ['a memory without a maximum', [5, 3, 1, 0, 1]],
    ['two memories', [5, 6, 2, 1, 1, 2, 0, 1]],
  ])('leaves a module with %s alone', (_, sections) => {
    const binary = Uint8Array.from([...HEADER, ...sections]);
    const changed = binary.slice();
    expect(shareMemory(changed)).toBe(false);
    expect(changed).toEqual(binary);
  });

  it('is what the backend runs on with more than one thread', async () => {
    await activateBackend('wasm');
    const { wasm } = tf.backend() as unknown as WasmBackend;
    expect(isShared(wasm.asm.memory)).toBe(true);
    // Stock kernels and reading back work on it as before.
    tf.tidy(() => {
      const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
      expect([...tf.max(x, 1).dataSync()]).toEqual([3, 6]);
      expect(tf.tile(x, [2, 1]).dataSync().buffer).not.toBe(wasm.asm.memory.buffer);
    });
  });
});
