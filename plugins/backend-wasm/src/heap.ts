import type { TensorInfo } from '@hastejs/tensor';
import { type KernelName, type Simd, compileKernels, instantiate } from './simd/instance.js';
import { type WasmMemory, isShared } from './simd/webassembly.js';
import { ThreadPool } from './threads/pool.js';

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

/** Floats that a call must have to move, to be worth handing to a thread: some 20 µs of work. */
const SHARE = 2 ** 15;

/** The backend's heap, with our own kernels on it. Addresses are in bytes. */
export class Heap {
  readonly simd: Simd;
  private readonly pool: ThreadPool;
  private made: TensorInfo[] = [];

  /** @param threads at most this many work at once; more than one only where the heap is shared. */
  constructor(
    readonly backend: WasmBackend,
    threads: number,
  ) {
    const { memory } = backend.wasm.asm;
    const module = compileKernels(memory);
    this.simd = instantiate(module, memory);
    this.pool = new ThreadPool(this.simd, module, memory, isShared(memory) ? threads : 1);
  }

  /** Into how many calls {@link parallel} cuts a kernel at most; each may need scratch of its own. */
  get calls(): number {
    return this.pool.calls;
  }

  /**
   * Cuts 0 … count into ranges and runs a kernel on all of them, several at the same time. Every output element is
   * computed in one call, in the same order as ever, so that the number of threads changes no bit.
   * @param work floats moved, or multiplications divided by 16: decides how many ranges are worth it.
   * @param unit ranges begin at multiples of it.
   * @param args arguments of the call for one range; `call` counts the ranges.
   */
  parallel(
    kernel: KernelName,
    [count, unit, work]: readonly [count: number, unit: number, work: number],
    args: (from: number, to: number, call: number) => number[],
  ): void {
    const units = Math.ceil(count / unit);
    const calls = Math.min(this.calls, units, Math.floor(work / SHARE));
    if (calls <= 1) return this.simd[kernel](...args(0, count, 0));
    const border = (i: number): number => Math.min(count, Math.round((units * i) / calls) * unit);
    const ranges = Array.from({ length: calls }, (_, i) => args(border(i), border(i + 1), i));
    this.pool.run(kernel, ranges);
  }

  /** Ends the threads. The next large kernel starts new ones. */
  closeThreads(): Promise<void> {
    return this.pool.close();
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
