import type { Hash } from 'node:crypto';
import { type FileHandle, constants, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HubFault } from './fault.js';
import { type RemoteFile, checksum } from './remote-file.js';

const CHUNK = 2 ** 20;

/**
 * A blob while it arrives, beside its place: what is under the blob's name is whole, whatever happens. Bytes are written at
 * their positions, so that two processes that came to write one part by accident would write the same.
 */
export class Part {
  /** Bytes that are there. */
  length = 0;
  private hash: Hash;

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    private readonly file: RemoteFile,
  ) {
    this.hash = checksum(file);
  }

  /** Opens what an earlier pull has left, or an empty one. Reads it through: about a second for a gigabyte. */
  static async open(path: string, file: RemoteFile): Promise<Part> {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o666);
    const part = new Part(path, handle, file);
    try {
      await part.takeUp();
      return part;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** @throws HubFault when more arrives than there is; the file system's error. */
  async append(bytes: Uint8Array): Promise<void> {
    if (this.length + bytes.length > this.file.size) throw new HubFault('it sends more bytes than the file has', null);
    for (let done = 0; done < bytes.length;) {
      const rest = bytes.length - done;
      done += (await this.handle.write(bytes, done, rest, this.length + done)).bytesWritten;
    }
    this.hash.update(bytes);
    this.length += bytes.length;
  }

  /** Forgets what has arrived. */
  async empty(): Promise<void> {
    await this.handle.truncate(0);
    this.length = 0;
    this.hash = checksum(this.file);
  }

  get whole(): boolean {
    return this.length === this.file.size;
  }

  /** Whether the bytes are the file's. */
  matches(): boolean {
    return this.hash.copy().digest('hex') === this.file.etag;
  }

  /** Gives it the blob's name once it is on the disk. */
  async settle(blob: string): Promise<void> {
    await this.handle.sync();
    await rename(this.path, blob);
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }

  private async takeUp(): Promise<void> {
    const { size } = await this.handle.stat();
    if (size > this.file.size) return this.empty();
    const buffer = new Uint8Array(CHUNK);
    while (this.length < size) {
      const { bytesRead } = await this.handle.read(buffer, 0, CHUNK, this.length);
      if (bytesRead === 0) break;
      this.hash.update(buffer.subarray(0, bytesRead));
      this.length += bytesRead;
    }
  }
}
