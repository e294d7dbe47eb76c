import { createHash } from 'node:crypto';
import { type Tensor, tf } from '@hastejs/tensor';

/** What a function asked of its backend, one line for each request: kernels with shapes, values put there, values read. */
export type Journal = readonly string[];

/** The calls of TensorFlow.js' engine that every op goes through. */
interface Engine {
  runKernel(name: string, inputs: Readonly<Record<string, unknown>>, attrs?: unknown): unknown;
  makeTensor(values: unknown, shape: readonly number[], dtype: string): Tensor;
  readSync(id: object): unknown;
  read(id: object): unknown;
}

/**
 * Runs a synchronous function and notes what it asks of the backend. Two calls whose journals are the same do the same work,
 * whatever is in the tensors they are given: that is what `repeatable` promises.
 */
export function journalOf<T>(f: () => T): { readonly result: T; readonly journal: Journal } {
  const engine = tf.engine() as unknown as Engine;
  const journal: string[] = [];
  let inKernel = 0;
  const note = (line: () => string) => void (inKernel === 0 && !paused && journal.push(line()));
  const original = pick(engine);
  engine.runKernel = (name, inputs, attrs) => {
    note(() => `${name}(${describeInputs(inputs)}${attrs ? ` ${JSON.stringify(attrs, plainly)}` : ''})`);
    inKernel++;
    try {
      return original.runKernel.call(engine, name, inputs, attrs);
    } finally {
      inKernel--;
    }
  };
  engine.makeTensor = (values, shape, dtype) => {
    note(() => `put ${dtype} [${shape.join(', ')}] ${describeValues(values)}`);
    return original.makeTensor.call(engine, values, shape, dtype);
  };
  engine.readSync = (id) => {
    note(() => READ);
    return original.readSync.call(engine, id);
  };
  engine.read = (id) => {
    note(() => READ);
    return original.read.call(engine, id);
  };
  try {
    return { result: f(), journal };
  } finally {
    // They are methods of the class: what is on the instance goes away.
    for (const name of METHODS) delete (engine as Partial<Engine>)[name];
  }
}

let paused = false;

/** Runs a function whose requests no journal notes. */
export function unnoted<T>(f: () => T): T {
  const before = paused;
  paused = true;
  try {
    return f();
  } finally {
    paused = before;
  }
}

const READ = 'read values to the host';
const METHODS = ['runKernel', 'makeTensor', 'readSync', 'read'] as const;
const pick = (engine: Engine): Engine => {
  const { runKernel, makeTensor, readSync, read } = engine;
  return { runKernel, makeTensor, readSync, read };
};

/** Whether a value was read: then what follows may depend on it. */
export const readsValues = (journal: Journal): boolean => journal.includes(READ);

/** Where two journals part; null: nowhere. */
export function journalDifference(a: Journal, b: Journal): string | null {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return `first "${a[i] ?? 'nothing more'}", then "${b[i] ?? 'nothing more'}"`;
  }
  return null;
}

function describeInputs(inputs: Readonly<Record<string, unknown>>): string {
  const tensors = Object.values(inputs ?? {}).flat() as ({ shape?: readonly number[] } | null | undefined)[];
  return tensors.map((tensor) => (tensor?.shape ? `[${tensor.shape.join(', ')}]` : '-')).join(' ');
}

function describeValues(values: unknown): string {
  const list = Array.isArray(values) || ArrayBuffer.isView(values) ? (values as ArrayLike<number>) : [];
  if (list.length <= 4) return Array.from(list, Number).join(' ');
  return `#${createHash('sha256').update(Float64Array.from(list)).digest('hex').slice(0, 12)}`;
}

/** Attributes hold numbers, texts and lists; tensors in them count by shape. */
function plainly(_key: string, value: unknown): unknown {
  const { shape, dataId } = (value ?? {}) as { shape?: unknown; dataId?: unknown };
  return dataId ? { shape } : value;
}

/** How many requests the backend gets while an asynchronous function runs. */
export async function countRequests(f: () => Promise<unknown>): Promise<number> {
  const engine = tf.engine() as unknown as Engine;
  const original = pick(engine);
  let count = 0;
  engine.runKernel = (...given) => (count++, original.runKernel.apply(engine, given));
  engine.makeTensor = (...given) => (count++, original.makeTensor.apply(engine, given));
  try {
    await f();
  } finally {
    for (const name of METHODS) delete (engine as Partial<Engine>)[name];
  }
  return count;
}
