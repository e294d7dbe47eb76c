// Small models of the published families as files on the disk.
import { vitParameters } from '@hastejs/models';
import type { DataSpec, StudentSpec } from '@hastejs/plugin-api';
import { type HostTensor, writeSafetensors } from '@hastejs/tensor';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type HostTensors, publish, randomTensors } from './publish-vit.js';
import { PUBLISHED } from './published-vits.js';

/** One published form of a model: 'DINOv2: the released .pth'. */
export interface PublishedForm {
  readonly name: string;
  readonly spec: (typeof PUBLISHED)[string]['spec'];
  readonly form: (typeof PUBLISHED)[string]['files'][string];
}

export const PUBLISHED_FORMS: readonly PublishedForm[] = Object.entries(PUBLISHED).flatMap(([model, { spec, files }]) =>
  Object.entries(files).map(([file, form]) => ({ name: `${model}: ${file}`, spec, form })),
);

/** A model's canonical tensors, as published under `form`. */
export const tensorsOfForm = ({ spec, form }: PublishedForm): HostTensors =>
  publish(randomTensors(vitParameters(spec)), form.file);

/** The same of zeros, which are made at once: for what shapes alone decide. */
export function zerosOfForm({ spec, form }: PublishedForm): HostTensors {
  const zeros = Object.entries(vitParameters(spec)).map(([name, { shape }]): [string, HostTensor] => {
    const data = new Float32Array(shape.reduce((size, n) => size * n, 1));
    return [name, { dtype: 'F32', shape, data }];
  });
  return publish(Object.fromEntries(zeros), form.file);
}

/** Writes a model with its config into a folder of its own. @returns the path of the weights. */
export async function writeForm(
  root: string,
  published: PublishedForm,
  beside: Readonly<Record<string, object>> = {},
  tensors = tensorsOfForm(published),
): Promise<string> {
  const folder = join(root, published.name.replace(/[^a-z0-9]+/gi, '-'));
  await mkdir(folder, { recursive: true });
  const files = { ...(published.form.config && { 'config.json': published.form.config }), ...beside };
  for (const [name, value] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(value));
  const path = join(folder, 'model.safetensors');
  await writeSafetensors(path, tensors);
  return path;
}

/** What a teacher of images is made with, for a student of a grid. */
export function teacherServices(root: string, grid = { height: 2, width: 3 }, channels = 3) {
  const student: StudentSpec = {
    name: 'SiT-test',
    blocks: 2,
    width: 16,
    heads: 2,
    headDim: 8,
    grid,
    input: { channels, height: 8, width: 12 },
    classes: 2,
  };
  const image = { channels, height: 8, width: 12 };
  const data: DataSpec = { name: 'photos', length: 2, classes: ['a', 'b'], image, fingerprint: '' };
  return { files: { resolve: (path: string) => resolve(root, path) }, student, data, backend: { name: 'test' } };
}
