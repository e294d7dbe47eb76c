/** The part of the WebAssembly interface used here; TypeScript declares it only together with a browser's. */
interface WebAssemblyInterface {
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  validate(binary: Uint8Array): boolean;
}

/** A memory that grows: `buffer` is another one afterwards. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

export const { Module, Instance, validate } = (globalThis as unknown as { WebAssembly: WebAssemblyInterface })
  .WebAssembly;
