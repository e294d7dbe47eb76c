interface WebAssemblyInstance {
  readonly exports: object;
}

/** The part of the WebAssembly interface used here; TypeScript declares it only together with a browser's. */
interface WebAssemblyInterface {
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => WebAssemblyInstance;
  validate(binary: Uint8Array): boolean;
  instantiate(binary: Uint8Array, imports: object): Promise<{ instance: WebAssemblyInstance; module: object }>;
}

/** A memory that grows: `buffer` is another one afterwards. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
}

export const { Module, Instance, validate, instantiate } = (
  globalThis as unknown as { WebAssembly: WebAssemblyInterface }
).WebAssembly;

/** Whether threads can share it. By its tag: the buffer may belong to another realm (a vm context). */
export const isShared = ({ buffer }: WasmMemory): boolean =>
  Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]';
