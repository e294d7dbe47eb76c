import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { formatHeader } from './header.js';
import type { HostData, HostTensor } from './host-tensor.js';

/** What a file will hold, before it is computed. */
export type SafetensorsLayout = Readonly<Record<string, Pick<HostTensor, 'dtype' | 'shape'>>>;

/**
 * A safetensors file that is written piece by piece, so that it need not fit into memory. It grows beside its place and
 * gets its name once it is whole and synced: what is under the name is whole, whatever happens.
 */
export class SafetensorsDraft {
  private written = 0;

  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    /** The tensors' names in the order that their data is appended in. */
    readonly order: readonly string[],
    private readonly size: number,
  ) {}

  /** @throws the file system's error. */
  static async begin(
    path: string,
    layout: SafetensorsLayout,
    metadata: Readonly<Record<string, string>> = {},
  ): Promise<SafetensorsDraft> {
    const { bytes, names, size } = formatHeader(layout, metadata);
    const file = await open(draftOf(path), 'w');
    const draft = new SafetensorsDraft(path, file, names, size);
    try {
      await writeBytes(file, bytes);
      return draft;
    } catch (error) {
      await draft.abandon();
      throw error;
    }
  }

  /** The next elements, in the order of tensors and within each row by row. */
  async append(data: HostData): Promise<void> {
    await writeBytes(this.file, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    this.written += data.byteLength;
  }

  /** @throws Error when more or less was appended than the layout promised; the file system's error otherwise. */
  async finish(): Promise<void> {
    if (this.written !== this.size) {
      throw new Error(`${this.path}: ${this.written} bytes were written, but its header promises ${this.size}.`);
    }
    await this.file.sync();
    await this.file.close();
    await rename(draftOf(this.path), this.path);
    await syncFolder(dirname(this.path));
  }

  /** Removes what was written. Harmless after {@link finish}. */
  async abandon(): Promise<void> {
    await this.file.close().catch(() => undefined);
    await rm(draftOf(this.path), { force: true });
  }
}

/** Two processes that write the same file do not write into each other's draft. */
const draftOf = (path: string): string => `${path}.${process.pid}.tmp`;

async function writeBytes(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(bytes.length - done, 2 ** 30));
    done += bytesWritten;
  }
}

/** A rename survives a power cut only once its folder is synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
