import { type FileHandle, open } from 'node:fs/promises';

/** Files kept open for reading, up to a limit: a data set of features is thousands of shards. */
export class Handles {
  /** Least recently used first. */
  private readonly opened = new Map<string, Promise<FileHandle>>();

  constructor(private readonly limit = 64) {}

  /** Fills `bytes` from a position in a file. @throws Error when the file ends before; the file system's otherwise. */
  async read(path: string, bytes: Uint8Array, position: number): Promise<void> {
    const file = await this.handle(path);
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
      if (bytesRead === 0) throw new Error(`${path} ended at byte ${position + done} while being read.`);
      done += bytesRead;
    }
  }

  async close(): Promise<void> {
    const all = [...this.opened.values()];
    this.opened.clear();
    await Promise.all(all.map(closed));
  }

  private handle(path: string): Promise<FileHandle> {
    const file = this.opened.get(path) ?? open(path, 'r');
    this.opened.delete(path);
    this.opened.set(path, file);
    for (const [oldest, handle] of this.opened) {
      if (this.opened.size <= this.limit) break;
      this.opened.delete(oldest);
      // Closing waits for the reads that are under way.
      void closed(handle);
    }
    // One that could not be opened may be there the next time.
    file.catch(() => this.opened.delete(path));
    return file;
  }
}

const closed = (handle: Promise<FileHandle>): Promise<void> =>
  handle.then((file) => file.close()).catch(() => undefined);
