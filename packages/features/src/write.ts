import {
  type HostData,
  type SafetensorsLayout,
  SafetensorsDraft,
  float32ToBfloat16,
  float32ToFloat16,
} from '@hastejs/tensor';
import { type FeatureMetadata, type FeatureTensor, METADATA_KEY, STORAGES, type Storage } from './format.js';

/** Rounds to the precision that features are kept in. float32 stays as it is. */
export function narrow(values: Float32Array, storage: Storage): HostData {
  if (storage === 'bf16') return float32ToBfloat16(values);
  return storage === 'float16' ? float32ToFloat16(values) : values;
}

/**
 * Begins a file of features with `rows` rows of one tensor, to be appended batch by batch.
 * @throws the file system's error.
 */
export function writeFeatures(
  path: string,
  { name, row }: FeatureTensor,
  rows: number,
  storage: Storage,
  metadata: FeatureMetadata,
): Promise<SafetensorsDraft> {
  const layout: SafetensorsLayout = { [name]: { dtype: STORAGES[storage], shape: [rows, ...row] } };
  return SafetensorsDraft.begin(path, layout, { [METADATA_KEY]: JSON.stringify(metadata) });
}
