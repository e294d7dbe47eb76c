import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unreadable } from './faults.js';

export type FileKind = 'index' | 'safetensors' | 'pytorch';
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
  'pytorch_model.bin',
  'open_clip_pytorch_model.bin',
] as const;

const HEADER_BEGINS = '{'.charCodeAt(0);

/** The file that a path means. @throws HasteError WEIGHTS_UNREADABLE when a folder holds none, or several. */
export async function chooseFile(path: string): Promise<ChosenFile> {
  const file = (await stat(path)).isDirectory() ? join(path, await chooseInFolder(path)) : path;
  return { path: file, kind: await kindOf(file) };
}

async function chooseInFolder(folder: string): Promise<string> {
  const names = await readdir(folder);
  const usual = USUAL.find((name) => names.includes(name));
  if (usual !== undefined) return usual;
  const others = names.filter((name) => /\.(safetensors|pth|pt|bin|pth\.tar|ckpt)$/.test(name)).sort();
  if (others.length === 1) return others[0]!;
  const fix = 'Name the file itself.';
  if (others.length === 0) throw unreadable(folder, 'The folder holds no weight file.', fix);
  throw unreadable(folder, `The folder holds several weight files: ${others.join(', ')}.`, fix);
}

/** By how it begins, whatever it is called: a zip archive, a pickle, or safetensors' header after eight bytes of length. */
async function kindOf(path: string): Promise<FileKind> {
  if (path.endsWith('.index.json')) return 'index';
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(9), 0, 9, 0);
    if (bytesRead === 9 && buffer[8] === HEADER_BEGINS) return 'safetensors';
    return /\.safetensors$/.test(path) ? 'safetensors' : 'pytorch';
  } finally {
    await file.close();
  }
}
