import { HasteError } from '@hastejs/plugin-api';
import type { WasmBackend } from './heap.js';

const MIB = 2 ** 20;
const LIMIT = 4096 * MIB;
/** Kept free for what TensorFlow.js' own C++ kernels allocate, which nothing checks. */
const HEADROOM = 32 * MIB;

/**
 * A WebAssembly heap ends at 4 GiB. Then malloc returns 0, the stock backend takes that for an address, and writes over
 * other tensors in silence. Guarded, it throws, and what was there before stays as it was.
 */
export function guardMemory({ wasm }: Pick<WasmBackend, 'wasm'>): void {
  const { memory, malloc } = wasm.asm;
  wasm._malloc = (bytes) => {
    // The argument is 32 bits wide: 4 GiB more would ask for 4 GiB less.
    const address = bytes < LIMIT ? malloc(bytes) >>> 0 : 0;
    if (address === 0) throw outOfMemory(bytes, memory.buffer.byteLength);
    if (memory.buffer.byteLength > LIMIT - HEADROOM && !hasHeadroom(malloc, wasm._free)) {
      wasm._free(address);
      throw outOfMemory(bytes, memory.buffer.byteLength);
    }
    return address;
  };
}

function hasHeadroom(malloc: (bytes: number) => number, free: (address: number) => void): boolean {
  const address = malloc(HEADROOM);
  if (address !== 0) free(address);
  return address !== 0;
}

function outOfMemory(bytes: number, heap: number): HasteError {
  const mib = (value: number): string => `${Math.ceil(value / MIB)} MiB`;
  return new HasteError('BACKEND_MEMORY', {
    what: `The WebAssembly heap is full: ${mib(bytes)} more do not fit (it has grown to ${mib(heap)}; the limit is ${mib(LIMIT)}).`,
    where: 'backend/wasm',
    fix: 'Use a smaller batch size or model, or a native backend (haste doctor lists them).',
  });
}
