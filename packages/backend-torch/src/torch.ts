import type { TensorInfo } from '@hastejs/tensor';
import { type Addon, type Argument, DTYPE, type Handle, type Result } from './addon.js';

type DataType = TensorInfo['dtype'];

/** What TensorFlow.js calls a data id: one tensor of libtorch, counted by the tensors that show it. */
export class TorchData {
  references = 1;
  /** Strings stay in JavaScript. */
  strings: readonly string[] | null = null;
  /** A copy in bfloat16 that lives and dies with this tensor; made by kernels that use one. */
  half: Handle | null = null;
  /** Other handles that die with this tensor. */
  attached: readonly Handle[] = [];

  constructor(
    public handle: Handle,
    /** ScalarType of libtorch; TensorFlow.js sees float32 for the half formats. */
    readonly dtype: number,
  ) {}
}

const TO_TENSORFLOW: Readonly<Record<number, DataType>> = {
  [DTYPE.float32]: 'float32',
  [DTYPE.bfloat16]: 'float32',
  [DTYPE.float16]: 'float32',
  [DTYPE.int32]: 'int32',
  [DTYPE.bool]: 'bool',
  [DTYPE.complex64]: 'complex64',
};

const TO_TORCH: Readonly<Partial<Record<DataType, number>>> = {
  float32: DTYPE.float32,
  int32: DTYPE.int32,
  bool: DTYPE.bool,
  complex64: DTYPE.complex64,
};

/** Room for the outputs of one call: a split into a thousand tensors fits. */
const DESCRIPTION_LENGTH = 1 << 14;

/** An operator bound to its id. */
export type Operator<R extends Result = Handle> = (...args: Argument[]) => R;

/** libtorch behind TensorFlow.js' vocabulary: operators by name, tensors by TensorInfo. One a backend. */
export class Torch {
  private readonly description = new Float64Array(DESCRIPTION_LENGTH);
  private readonly foreign = new WeakMap<object, TorchData>();
  private readonly operators = new Map<string, Operator<never>>();
  private readonly toCopy: Operator;
  /** What linear layers and attention compute in. Parameters, statistics, losses and softmax are float32 under both. */
  precision: 'float32' | 'bf16' = 'float32';
  /** Whether a recording that is repeated on a GPU becomes one graph of it. */
  graphs = false;
  /** Data ids that are alive. */
  alive = 0;
  /** Brings a tensor of another backend here; the backend sets it, since only TensorFlow.js' engine can. */
  adopt: (dataId: object) => void = () => undefined;

  constructor(
    readonly addon: Addon,
    /** Where new tensors live: `cpu`, `cuda:0`, … */
    readonly device: string,
  ) {
    addon.start(this.description);
    this.toCopy = this.operator('aten::_to_copy');
  }

  has(name: string, overload = ''): boolean {
    return this.addon.resolve(name, overload) >= 0;
  }

  /**
   * An operator by its schema's name, `aten::add` with overload `Tensor`.
   * @throws Error when this libtorch has none.
   */
  operator<R extends Result = Handle>(name: string, overload = ''): Operator<R> {
    const key = `${name}.${overload}`;
    const known = this.operators.get(key);
    if (known) return known as unknown as Operator<R>;
    const id = this.addon.resolve(name, overload);
    if (id < 0) throw new Error(`libtorch ${this.addon.version} has no operator ${key}.`);
    const { addon } = this;
    const operator = (...args: Argument[]): R => addon.call(id, ...args) as R;
    this.operators.set(key, operator as unknown as Operator<never>);
    return operator;
  }

  data(info: { readonly dataId: object }): TorchData {
    const { dataId } = info;
    if (dataId instanceof TorchData) return dataId;
    let data = this.foreign.get(dataId);
    if (!data) {
      this.adopt(dataId);
      data = this.foreign.get(dataId)!;
    }
    return data;
  }

  /** The data behind an id if it is here already. */
  known(dataId: object): TorchData | undefined {
    return dataId instanceof TorchData ? dataId : this.foreign.get(dataId);
  }

  setForeign(dataId: object, data: TorchData | null): void {
    if (data) this.foreign.set(dataId, data);
    else this.foreign.delete(dataId);
  }

  handle(info: { readonly dataId: object }): Handle {
    return this.data(info).handle;
  }

  /** The one tensor that the last call returned, as TensorFlow.js knows tensors. int64 and uint8 become int32. */
  info(handle: Handle): TensorInfo {
    return this.infoAt(handle, 1).info;
  }

  /** Several tensors that the last call returned, in order. Entries that were null stay null. */
  infos(handles: readonly (Handle | null)[]): (TensorInfo | null)[] {
    // Converting a dtype is another call, which overwrites the description.
    const description = this.description.slice(0, 1 + handles.length * 12);
    let at = 1;
    return handles.map((handle) => {
      if (handle === null) return null;
      const result = this.infoAt(handle, at, description);
      at = result.next;
      return result.info;
    });
  }

  /** A tensor of libtorch that no call has just returned. */
  infoOf(handle: Handle): TensorInfo {
    this.addon.describe(handle);
    return this.info(handle);
  }

  /** Shape and dtype of a handle. */
  describe(handle: Handle): { shape: number[]; dtype: number } {
    this.addon.describe(handle);
    return { shape: shapeAt(this.description, 1), dtype: this.description[2]! };
  }

  create(values: ArrayBufferView | null, shape: readonly number[], dtype: DataType): TorchData {
    const code = TO_TORCH[dtype]!;
    return this.wrap(this.addon.create(values, shape, code, this.device), code);
  }

  createStrings(strings: readonly string[]): TorchData {
    const data = this.wrap(-1, -1);
    data.strings = strings;
    return data;
  }

  /** A data id for a handle that nothing else owns. */
  wrap(handle: Handle, dtype: number): TorchData {
    this.alive += 1;
    return new TorchData(handle, dtype);
  }

  /** Drops the copy in bfloat16, because the tensor is about to be written or is no more. */
  forgetHalf(data: TorchData): void {
    if (data.half === null) return;
    this.addon.dispose(data.half);
    data.half = null;
  }

  /** Frees what a data id holds. */
  release(data: TorchData): void {
    this.alive -= 1;
    this.forgetHalf(data);
    this.dispose(...data.attached);
    if (!data.strings) this.addon.dispose(data.handle);
  }

  /** ScalarType for a dtype of TensorFlow.js. */
  dtypeCode(dtype: DataType): number {
    return TO_TORCH[dtype]!;
  }

  cast(handle: Handle, dtype: number): Handle {
    return this.toCopy(handle, dtype);
  }

  dispose(...handles: Handle[]): void {
    for (const handle of handles) this.addon.dispose(handle);
  }

  private infoAt(handle: Handle, at: number, description = this.description): { info: TensorInfo; next: number } {
    const code = description[at + 1]!;
    const shape = shapeAt(description, at);
    const next = at + 3 + shape.length;
    const dtype = TO_TENSORFLOW[code];
    if (dtype !== undefined) return { info: { dataId: this.wrap(handle, code), shape, dtype }, next };
    const whole = code === DTYPE.int64 || code === DTYPE.uint8;
    const converted = whole ? DTYPE.int32 : DTYPE.float32;
    const data = this.wrap(this.cast(handle, converted), converted);
    this.dispose(handle);
    return { info: { dataId: data, shape, dtype: TO_TENSORFLOW[converted]! }, next };
  }
}

function shapeAt(description: Float64Array, at: number): number[] {
  const rank = description[at + 2]!;
  const shape = new Array<number>(rank);
  for (let axis = 0; axis < rank; axis++) shape[axis] = description[at + 3 + axis]!;
  return shape;
}
