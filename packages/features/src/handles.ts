import { type FileHandle, open } from 'node:fs/promises';

interface Entry {
  readonly file: Promise<FileHandle>;
  /** Reads under way. */
  users: number;
}

/** Files kept open: a data set of features is thousands of shards, and a process may open about a thousand files. */
const MOST_OPEN = 64;
/** Files read at once: more than the system's own threads for files, and fewer than are kept open. */
const MOST_AT_ONCE = 16;

/** Bytes of a file, and where they go. */
export interface Read {
  readonly into: Uint8Array;
  readonly position: number;
}

/** Reads from many files, the last of which stay open. */
export class Handles {
  /** Least recently used first. */
  private readonly opened = new Map<string, Entry>();
  private readonly waiting: (() => void)[] = [];
  private busy = 0;
  private isClosed = false;

  /**
   * Reads from one file, all together: what is asked for while a backend computes is then there when it is done, and does
   * not wait for JavaScript to ask for the next.
   * @throws Error when the file ends before; the file system's otherwise.
   */
  async read(path: string, reads: readonly Read[]): Promise<void> {
    await this.turn();
    try {
      if (this.isClosed) throw new Error(`${path} is read after its closing.`);
      await this.withFile(path, async (file) => {
        await Promise.all(reads.map((read) => readFully(file, path, read)));
      });
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.busy--;
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
    if (this.busy < MOST_AT_ONCE) this.busy++;
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

async function readFully(file: FileHandle, path: string, { into, position }: Read): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) throw new Error(`${path} ended at byte ${position + done} while being read.`);
    done += bytesRead;
  }
}

const closing = ({ file }: Entry): Promise<void> => file.then((handle) => handle.close()).catch(() => undefined);
