import type { Recordable, Recording } from '@hastejs/plugin-api';
import { type Tensor, tf } from '@hastejs/tensor';
import type { Torch } from './torch.js';

/** A recording of the addon (native/recording.h): the operators that a function called, in order. */
class TorchRecording implements Recording {
  constructor(
    private readonly torch: Torch,
    private readonly id: number,
    /** Indices of the inputs that it writes to. */
    private readonly written: readonly number[],
    readonly kept: readonly (number | null)[],
  ) {}

  difference(other: TorchRecording): string | null {
    return this.torch.addon.recordingDifference(this.id, other.id) || null;
  }

  replay(inputs: readonly Tensor[]): (Tensor | null)[] | string {
    const { torch, written } = this;
    const data = inputs.map((input) => torch.data(input));
    if (written.some((index) => data[index]!.references > 1)) return 'somebody else sees what it writes to';
    const handles = data.map(({ handle }) => handle);
    const outputs = torch.addon.recordingReplay(this.id, handles, torch.graphs);
    if (typeof outputs === 'string') return outputs;
    for (const index of written) torch.forgetHalf(data[index]!);
    return torch.infos(outputs).map((info) => info && tf.engine().makeTensorFromTensorInfo(info));
  }

  dispose(): void {
    this.torch.addon.recordingFree(this.id);
  }
}

/** Backend.record on libtorch. */
export function record<R extends Recordable>(
  torch: Torch,
  inputs: readonly Tensor[],
  f: () => R,
): { result: R; recording: Recording | string } {
  const { addon } = torch;
  const handles = (tensors: readonly Tensor[]) => tensors.map((tensor) => torch.handle(tensor));
  addon.recordBegin(handles(inputs));
  let result: R;
  try {
    result = f();
  } catch (error) {
    addon.recordAbort();
    throw error;
  }
  const [id, spoiled, written, kept] = addon.recordEnd(handles(result.outputs), handles(result.lateInputs));
  if (!spoiled) return { result, recording: new TorchRecording(torch, id, written, kept) };
  addon.recordingFree(id);
  return { result, recording: spoiled };
}
