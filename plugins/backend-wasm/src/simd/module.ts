import { type Expr, expr } from './expressions.js';
import { type Arguments, FunctionBuilder, type FunctionRef } from './function.js';
import { OP, TYPE, type Type, unsigned } from './opcodes.js';

/** 4 GiB. A shared memory must state its maximum. */
const MAX_PAGES = 65536;

interface Defined {
  readonly name: string;
  readonly builder: FunctionBuilder;
}

/** A WebAssembly module that works on the memory of another: here, on the heap of the TensorFlow.js backend. */
export class ModuleBuilder {
  private readonly functions: Defined[] = [];

  /** Adds an exported function; `body` writes it in terms of its parameters. */
  define<const P extends readonly Type[]>(
    name: string,
    parameters: P,
    body: (f: FunctionBuilder, ...args: Arguments<P>) => void,
  ): FunctionRef<P> {
    const builder = new FunctionBuilder(parameters);
    const args = parameters.map((type, i): Expr<Type> => expr(type, [OP.localGet], unsigned(i)));
    body(builder, ...(args as unknown as Arguments<P>));
    const index = this.functions.push({ name, builder }) - 1;
    return { index, parameters };
  }

  /** The binary: types, the imported memory (`env.memory`), functions, exports, code. */
  assemble(memory: 'own' | 'shared' = 'own'): Uint8Array<ArrayBuffer> {
    const { functions } = this;
    const types = functions.map(({ builder: { parameters } }) => [0x60, ...vector(parameters.map(typeCode)), 0]);
    const limits = memory === 'shared' ? [0x03, ...unsigned(1), ...unsigned(MAX_PAGES)] : [0x00, ...unsigned(1)];
    const memoryImport = [...text('env'), ...text('memory'), 0x02, ...limits];
    const exports = functions.map(({ name }, i) => [...text(name), 0x00, ...unsigned(i)]);
    return Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...section(1, vector(types)),
      ...section(2, vector([memoryImport])),
      ...section(3, vector(functions.map((_, i) => unsigned(i)))),
      ...section(7, vector(exports)),
      ...section(10, vector(functions.map(({ builder }) => body(builder)))),
    ]);
  }
}

const typeCode = (type: Type): number[] => [TYPE[type]];
const sized = (bytes: readonly number[]): number[] => [...unsigned(bytes.length), ...bytes];
const vector = (items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, bytes: readonly number[]): number[] => [id, ...sized(bytes)];
const text = (value: string): number[] => sized([...new TextEncoder().encode(value)]);

function body({ locals, code }: FunctionBuilder): number[] {
  const declared = vector(locals.map((type) => [1, TYPE[type]]));
  return sized([...declared, ...code, OP.end]);
}
