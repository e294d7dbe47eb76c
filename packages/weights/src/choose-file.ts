import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unreadable } from './faults.js';

export type FileKind = 'index' | 'safetensors';
export interface ChosenFile {
  readonly path: string;
  readonly kind: FileKind;
}

/** What a folder of one model is known to hold, in the order of preference; safetensors before PyTorch's format. */
const USUAL = [
  'model.safetensors',
  'model.safetensors.index.json',
  'open_clip_model.safetensors',
  'diffusion_pytorch_model.safetensors',
] as const;

/** The file that a path means. @throws HasteError WEIGHTS_UNREADABLE when a folder holds none, or several. */
export async function chooseFile(path: string): Promise<ChosenFile> {
  const file = (await stat(path)).isDirectory() ? join(path, await chooseInFolder(path)) : path;
  return { path: file, kind: await kindOf(file) };
}

async function chooseInFolder(folder: string): Promise<string> {
  const names = await readdir(folder);
  const usual = USUAL.find((name) => names.includes(name));
  if (usual !== undefined) return usual;
  const others = names.filter((name) => /\.safetensors$/.test(name)).sort();
  if (others.length === 1) return others[0]!;
  const fix = 'Name the file itself.';
  if (others.length === 0) throw unreadable(folder, 'The folder holds no weight file.', fix);
  throw unreadable(folder, `The folder holds several weight files: ${others.join(', ')}.`, fix);
}

async function kindOf(path: string): Promise<FileKind> {
  if (path.endsWith('.index.json')) return 'index';
  const file = await open(path, 'r');
  await file.close();
  return 'safetensors';
}
