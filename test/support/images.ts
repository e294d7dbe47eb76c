import type { Notices } from '@hastejs/plugin-api';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

/** A folder of its own for each test, removed after it. */
export function useTemporaryFolder(): () => string {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'haste-images-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  return () => folder;
}

/** Files by path: bytes as given. */
export async function writeFiles(root: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
  }
}

/** An image of one colour. */
export async function plainImage(
  colour: string,
  { width = 16, height = 16, format = 'png' as 'png' | 'jpeg' | 'webp' } = {},
): Promise<Buffer> {
  const image = sharp({ create: { width, height, channels: 3, background: colour } });
  return format === 'webp' ? image.webp({ lossless: true }).toBuffer() : image.toFormat(format).toBuffer();
}

/** A PNG whose header is whole and whose pixels are not. */
export async function damagedPng(): Promise<Buffer> {
  const bytes = await plainImage('red');
  return bytes.subarray(0, bytes.length - 20);
}

/** Remembers what people would be told. */
export class CapturedNotices implements Notices {
  readonly infos: string[] = [];
  readonly warnings: string[] = [];

  info(message: string): void {
    this.infos.push(message);
  }

  warn(message: string): void {
    this.warnings.push(message);
  }
}
