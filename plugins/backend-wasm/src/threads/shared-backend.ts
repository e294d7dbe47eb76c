import { readFileSync } from 'node:fs';
import { tf } from '@hastejs/tensor';
import { type WasmMemory, instantiate } from '../simd/webassembly.js';

/** The Emscripten module as TensorFlow.js' BackendWasm expects it. */
interface EmscriptenModule {
  cwrap(name: string, result: string | null, parameters: readonly string[]): (...args: number[]) => number;
  readonly asm: { readonly memory: WasmMemory };
  tfjs?: object;
}

type Factory = (options: {
  locateFile(path: string, folder: string): string;
  instantiateWasm(imports: object, done: (instance: object, module: object) => void): object;
}) => Promise<EmscriptenModule>;

const BINARY = 'tfjs-backend-wasm-simd.wasm';

/**
 * Registers TensorFlow.js' wasm backend with a heap that threads can share. Its own threaded build does not start in Node;
 * this is the single-threaded SIMD build with one bit of its binary changed, "shared" in the declaration of the memory.
 * @returns whether that was possible; if not, nothing has changed.
 */
export async function registerSharedBackend(): Promise<boolean> {
  const { BackendWasm } = await import('@tensorflow/tfjs-backend-wasm');
  if (tf.engine().registry['wasm']) return false;
  const module = await loadModule();
  if (!module) return false;
  tf.removeBackend('wasm');
  return tf.registerBackend('wasm', () => new BackendWasm(module as never));
}

async function loadModule(): Promise<EmscriptenModule | undefined> {
  const imported = await import('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js');
  const factory = ((imported as { default?: unknown }).default ?? imported) as Factory;
  let folder = '';
  let shared = false;
  const module = await factory({
    // Emscripten asks before it instantiates, and says where it lies itself.
    locateFile: (path, own) => (folder = own) + path,
    instantiateWasm: (imports, done) => {
      const binary = new Uint8Array(readFileSync(folder + BINARY));
      shared = shareMemory(binary);
      void instantiate(binary, imports).then(({ instance, module: compiled }) => done(instance, compiled));
      return {};
    },
  });
  if (!shared) return undefined;
  module.tfjs = {
    init: module.cwrap('init', null, []),
    initWithThreadsCount: module.cwrap('init_with_threads_count', null, ['number']),
    getThreadsCount: module.cwrap('get_threads_count', 'number', []),
    registerTensor: module.cwrap('register_tensor', null, ['number', 'number', 'number']),
    disposeData: module.cwrap('dispose_data', null, ['number']),
    dispose: module.cwrap('dispose', null, []),
  };
  return module;
}

const MEMORY_SECTION = 5;
const HAS_MAXIMUM = 0x01;
const SHARED = 0x02;

/**
 * Declares a module's memory as shared, in place.
 * @returns false where it has no memory of its own with a stated maximum; then it is left as it was.
 */
export function shareMemory(binary: Uint8Array): boolean {
  let at = 8;
  const unsigned = (): number => {
    let [value, shift] = [0, 0];
    for (;;) {
      const byte = binary[at++]!;
      value |= (byte & 0x7f) << shift;
      if (!(byte & 0x80)) return value >>> 0;
      shift += 7;
    }
  };
  while (at < binary.length) {
    const section = binary[at++];
    const next = unsigned();
    const start = at;
    if (section === MEMORY_SECTION) {
      const [count, flags] = [binary[start], binary[start + 1]];
      if (count !== 1 || flags !== HAS_MAXIMUM) return false;
      binary[start + 1] = HAS_MAXIMUM | SHARED;
      return true;
    }
    at = start + next;
  }
  return false;
}
