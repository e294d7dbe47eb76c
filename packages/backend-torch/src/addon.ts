import { createRequire } from 'node:module';

/** A tensor of libtorch, as JavaScript holds it: a small integer. */
export type Handle = number;

/** What an operator's argument may be; its schema says which. undefined: the schema's default; null: none. */
export type Argument =
  | Handle
  | boolean
  | string
  | null
  | undefined
  | readonly (number | boolean | null)[]
  | Int32Array
  | Float32Array
  | Float64Array;

/** A tensor, several, plain values, or nothing. */
export type Result = Handle | boolean | string | null | undefined | readonly Result[];

/** ScalarType codes of libtorch (c10/core/ScalarType.h); part of its stable ABI. */
export const DTYPE = {
  uint8: 0,
  int32: 3,
  int64: 4,
  float16: 5,
  float32: 6,
  float64: 7,
  complex64: 9,
  bool: 11,
  bfloat16: 15,
} as const;

/** The native addon's whole surface (native/*.h say more). Every method throws an Error with libtorch's own message. */
export interface Addon {
  /** Version of the libtorch that it was compiled against: "2.13.0". */
  readonly version: string;
  /** Before any other call. The description is [n, then for each returned tensor: handle, dtype, rank, dimensions…]. */
  start(description: Float64Array): void;
  /** Id of an operator such as `aten::add` with overload `Tensor`, or −1. */
  resolve(name: string, overload?: string): number;
  schema(operator: number): string;
  call(operator: number, ...args: Argument[]): Result;
  profile(on: boolean): [name: string, calls: number, milliseconds: number][];
  create(values: ArrayBufferView | null, shape: readonly number[], dtype: number, device: string): Handle;
  read(handle: Handle): ArrayBuffer;
  readAsync(handle: Handle): Promise<ArrayBuffer>;
  dispose(handle: Handle): void;
  describe(handle: Handle): void;
  exclusive(handle: Handle): boolean;
  alive(): number;
  devices(): string[];
  synchronize(device: string): void;
  threads(count?: number): number;
  memory(device: string): [inUse: number, peak: number, cached: number];
  resetPeak(device: string): void;
  trim(device: string): void;
  matmulPrecision(precision: 'ieee' | 'tf32' | 'bf16'): void;
  cpuCapability(): string;
  recordBegin(inputs: readonly Handle[]): void;
  recordEnd(
    outputs: readonly Handle[],
    lateInputs: readonly Handle[],
  ): [recording: number, spoiled: string, written: number[], kept: (number | null)[]];
  recordAbort(): void;
  recordingDifference(recording: number, other: number): string;
  recordingReplay(recording: number, inputs: readonly Handle[], asGraph: boolean): (Handle | null)[] | string;
  recordingFree(recording: number): void;
}

/** Loads the compiled addon. The dynamic linker's own message says what is missing when it cannot. */
export function loadAddon(path: string): Addon {
  return createRequire(import.meta.url)(path) as Addon;
}
