import { readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { CheckpointError } from './values.js';

/** A file that is read here and there. It stays open, so that it is the same file throughout. */
export class FileBytes {
  private constructor(
    private readonly file: FileHandle,
    readonly size: number,
  ) {}

  static async open(path: string): Promise<FileBytes> {
    const file = await open(path, 'r');
    return new FileBytes(file, (await file.stat()).size);
  }

  /** @throws CheckpointError when the file does not reach that far; nothing has been allocated then. */
  async read(position: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    this.check(position, length);
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const { bytesRead } = await this.file.read(bytes, done, Math.min(length - done, 2 ** 30), position + done);
      if (bytesRead === 0) throw new CheckpointError(`it ended at byte ${position + done} while being read`);
      done += bytesRead;
    }
    return bytes;
  }

  /** At most `length` bytes, at once: pickles are small, and their machine is not asynchronous. */
  readNow(position: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - position)));
    return bytes.subarray(0, readSync(this.file.fd, bytes, 0, bytes.length, position));
  }

  check(position: number, length: number): void {
    if (position >= 0 && length >= 0 && position + length <= this.size) return;
    throw new CheckpointError(`it has ${this.size} bytes, and byte ${position + length} is needed: it is truncated`);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}
