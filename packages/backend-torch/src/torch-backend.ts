import { KernelBackend, type BackendValues, type DataType, buffer } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@hastejs/tensor';
import { DTYPE } from './addon.js';
import type { Torch, TorchData } from './torch.js';

type DataId = object;

/** TensorFlow.js' storage interface on libtorch. Kernels are registered apart from it (kernels/). */
export class TorchBackend extends KernelBackend {
  constructor(readonly torch: Torch) {
    super();
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    return this.fill(values, shape, dtype);
  }

  override move(dataId: DataId, values: BackendValues, shape: number[], dtype: DataType, references: number): void {
    const data = this.fill(values, shape, dtype);
    data.references = references;
    this.torch.setForeign(dataId, data);
  }

  override readSync(dataId: DataId): BackendValues {
    const data = this.torch.data({ dataId });
    return data.strings ? (data.strings as unknown as BackendValues) : view(data, this.torch.addon.read(data.handle));
  }

  override async read(dataId: DataId): Promise<BackendValues> {
    const data = this.torch.data({ dataId });
    if (data.strings) return data.strings as unknown as BackendValues;
    return view(data, await this.torch.addon.readAsync(data.handle));
  }

  bufferSync({ dataId, shape, dtype }: TensorInfo): ReturnType<typeof buffer> {
    return buffer(shape as number[], dtype, this.readSync(dataId) as never);
  }

  override disposeData(dataId: DataId, force = false): boolean {
    const data = this.torch.known(dataId);
    if (!data) return true;
    data.references -= 1;
    if (!force && data.references > 0) return false;
    if (dataId !== data) this.torch.setForeign(dataId, null);
    this.torch.release(data);
    return true;
  }

  override incRef(dataId: DataId): void {
    const data = this.torch.known(dataId);
    if (data) data.references += 1;
  }

  override refCount(dataId: DataId): number {
    return this.torch.known(dataId)?.references ?? 0;
  }

  override numDataIds(): number {
    return this.torch.alive;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return true;
  }

  override async time(f: () => void): Promise<{ kernelMs: number }> {
    const { addon, device } = this.torch;
    addon.synchronize(device);
    const start = performance.now();
    f();
    addon.synchronize(device);
    return { kernelMs: performance.now() - start };
  }

  override dispose(): void {
    this.torch.addon.trim(this.torch.device);
  }

  private fill(values: BackendValues, shape: number[], dtype: DataType): TorchData {
    if (dtype === 'string') {
      return this.torch.createStrings(values as unknown as readonly string[]);
    }
    if (dtype !== 'complex64') return this.torch.create(typed(values, dtype), shape, dtype);
    const { torch } = this;
    const pairs = torch.create(typed(values, 'float32'), [...shape, 2], 'float32');
    const complex = torch.operator('aten::view_as_complex')(pairs.handle);
    torch.dispose(pairs.handle);
    return torch.wrap(complex, DTYPE.complex64);
  }
}

function typed(values: BackendValues, dtype: DataType): ArrayBufferView {
  const Constructor = dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array;
  return values instanceof Constructor ? values : Constructor.from(values as unknown as ArrayLike<number>);
}

function view(data: TorchData, bytes: ArrayBuffer): BackendValues {
  switch (data.dtype) {
    case DTYPE.int32:
      return new Int32Array(bytes);
    case DTYPE.bool:
      return new Uint8Array(bytes);
    default:
      return new Float32Array(bytes);
  }
}
