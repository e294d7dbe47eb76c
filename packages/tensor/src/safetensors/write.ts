import { SafetensorsDraft } from './draft.js';
import { DTYPES, type HostTensor } from './host-tensor.js';

/**
 * Writes a safetensors file that PyTorch and Hugging Face read. The same tensors give the same bytes. It is written
 * beside `path`, synced and renamed, so that a file under `path` is whole whatever happens.
 * @throws Error naming the first tensor whose data does not fit its shape or dtype; the file system's error otherwise.
 */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, HostTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (const [name, tensor] of Object.entries(tensors)) checkTensor(name, tensor);
  const file = await SafetensorsDraft.begin(path, tensors, metadata);
  try {
    for (const name of file.order) await file.append(tensors[name]!.data);
    await file.finish();
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

function checkTensor(name: string, { dtype, shape, data }: HostTensor): void {
  const size = shape.reduce((product, length) => product * length, 1);
  const { array } = DTYPES[dtype];
  if (data.length === size && data.constructor.name === array) return;
  throw new Error(
    `Tensor '${name}': ${dtype} of shape [${shape.join(', ')}] needs a ${array} of ${size}, not a ${data.constructor.name} of ${data.length}.`,
  );
}
