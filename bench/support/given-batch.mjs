// The batch that both sides were given, repeated to any number of rows: its losses are those of the rows in the file.
import { join } from 'node:path';
import { paramsFromHost, readSafetensors } from '@hastejs/tensor';

/**
 * @param rows a multiple of the file's.
 * @returns a training batch on the backend.
 */
export async function givenBatch(folder, rows) {
  const { tensors } = await readSafetensors(join(folder, 'batch.safetensors'));
  const repeated = [...tensors].map(([name, tensor]) => [name, repeat(tensor, rows)]);
  const { images, x0, noise, t, y } = paramsFromHost(Object.fromEntries(repeated));
  return { images_BCHW: images, x0_BCHW: x0, noise_BCHW: noise, t_B: t, y_B: y };
}

function repeat({ data, shape, dtype }, rows) {
  const repeated = new data.constructor((data.length / shape[0]) * rows);
  for (let at = 0; at < repeated.length; at += data.length) repeated.set(data, at);
  return { dtype, shape: [rows, ...shape.slice(1)], data: repeated };
}
