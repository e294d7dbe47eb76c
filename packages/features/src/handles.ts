import { type FileHandle, open } from 'node:fs/promises';

interface Entry {
  readonly file: Promise<FileHandle>;
  /** Reads under way. */
  users: number;
}

/** Files kept open: a data set of features is thousands of shards, and a process may open about a thousand files. */
const MOST_OPEN = 64;
/** Reads at once: more than the system's own threads for files, and fewer than files are kept open. */
const MOST_READS = 16;

/** Reads from many files, the last of which stay open. */
export class Handles {
  /** Least recently used first. */
  private readonly opened = new Map<string, Entry>();
  private readonly waiting: (() => void)[] = [];
  private reads = 0;
  private isClosed = false;

  /** Fills `bytes` from a position in a file. @throws Error when the file ends before; the file system's otherwise. */
  async read(path: string, bytes: Uint8Array, position: number): Promise<void> {
    await this.turn();
    try {
      if (this.isClosed) throw new Error(`${path} is read after its closing.`);
      await this.withFile(path, (file) => readFully(file, path, bytes, position));
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.reads--;
    }
  }

  /** Waits for what is being read. Nothing can be read any more. */
  async close(): Promise<void> {
    this.isClosed = true;
    const all = [...this.opened.values()];
    this.opened.clear();
    await Promise.all(all.map(closing));
  }

  /** Waits until few enough others are reading. Whoever ends hands its turn on. */
  private async turn(): Promise<void> {
    if (this.reads < MOST_READS) this.reads++;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private async withFile(path: string, use: (file: FileHandle) => Promise<void>): Promise<void> {
    const entry = this.opened.get(path) ?? { file: open(path, 'r'), users: 0 };
    this.opened.delete(path);
    this.opened.set(path, entry);
    entry.users++;
    try {
      this.closeOldest();
      await use(await entry.file);
    } catch (error) {
      // What could not be opened may be there the next time.
      await entry.file.catch(() => this.opened.delete(path));
      throw error;
    } finally {
      entry.users--;
    }
  }

  private closeOldest(): void {
    for (const [path, entry] of this.opened) {
      if (this.opened.size <= MOST_OPEN) return;
      if (entry.users > 0) continue;
      this.opened.delete(path);
      void closing(entry);
    }
  }
}

async function readFully(file: FileHandle, path: string, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) throw new Error(`${path} ended at byte ${position + done} while being read.`);
    done += bytesRead;
  }
}

const closing = ({ file }: Entry): Promise<void> => file.then((handle) => handle.close()).catch(() => undefined);
