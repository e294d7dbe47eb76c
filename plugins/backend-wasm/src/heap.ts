import type { TensorInfo } from '@hastejs/tensor';
import { type Simd, instantiate } from './simd/instance.js';
import type { WasmMemory } from './simd/webassembly.js';

/** What is used of TensorFlow.js' BackendWasm (4.22.0, pinned). */
export interface WasmBackend {
  readonly wasm: {
    readonly asm: { readonly memory: WasmMemory; malloc(bytes: number): number };
    _malloc(bytes: number): number;
    _free(address: number): void;
  };
  readonly dataIdMap: { get(dataId: object): { readonly memoryOffset: number } };
  makeOutput(shape: number[], dtype: TensorInfo['dtype']): TensorInfo;
  readSync(dataId: object): Float32Array | Int32Array | Uint8Array;
  disposeData(dataId: object): boolean;
  incRef(dataId: object): void;
}

/** The backend's heap, with our own kernels on it. Addresses are in bytes. */
export class Heap {
  readonly simd: Simd;
  private made: TensorInfo[] = [];

  constructor(readonly backend: WasmBackend) {
    this.simd = instantiate(backend.wasm.asm.memory);
  }

  /** Runs a kernel; if it throws, frees what it had made. */
  run<T>(kernel: () => T): T {
    this.made = [];
    try {
      return kernel();
    } catch (error) {
      for (const tensor of this.made) this.backend.disposeData(tensor.dataId);
      throw error;
    }
  }

  /** Where a tensor's first element lies. Data of another backend moves in. */
  address({ dataId }: TensorInfo): number {
    return this.backend.dataIdMap.get(dataId).memoryOffset;
  }

  /** A new tensor, holding whatever was in the memory. */
  make(shape: readonly number[], dtype: TensorInfo['dtype'] = 'float32'): TensorInfo {
    const tensor = this.backend.makeOutput([...shape], dtype);
    this.made.push(tensor);
    return tensor;
  }

  /** The same data as another tensor. */
  alias({ dataId, dtype }: TensorInfo, shape: readonly number[]): TensorInfo {
    this.backend.incRef(dataId);
    const tensor = { dataId, shape: [...shape], dtype };
    this.made.push(tensor);
    return tensor;
  }

  /** A view of floats, good until the next allocation: the heap may grow and move. */
  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.backend.wasm.asm.memory.buffer, address, length);
  }

  /** Working memory for the time of a call. */
  withScratch<T>(floats: number, use: (address: number) => T): T {
    const address = this.backend.wasm._malloc(floats * 4);
    try {
      return use(address);
    } finally {
      this.backend.wasm._free(address);
    }
  }
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
