import { unguarded } from './guard.js';
import { reasonOf } from './reason.js';

type Close = () => unknown;

interface Entry {
  readonly owner: object;
  readonly name: string;
  readonly close: Close;
}

/**
 * What must be closed, last in, first out. A failing close is reported and keeps no other from closing: at the end of a
 * run the results are already on disk, and an error here would hide the one that ended the run.
 */
export class CloseStack {
  private entries: Entry[] = [];
  private closing: Promise<void> | null = null;

  constructor(private readonly report: (message: string) => void) {}

  get closed(): boolean {
    return this.closing !== null;
  }

  /** @param owner what is closed: {@link release} finds it by identity. */
  push(owner: object, name: string, close: Close): void {
    this.entries.push({ owner: unguarded(owner), name, close });
  }

  /** Closes one thing before its turn and forgets it. Unknown things, and things already released, are left alone. */
  async release(owner: object): Promise<void> {
    const entry = this.entries.find((candidate) => candidate.owner === unguarded(owner));
    if (!entry) return;
    this.entries = this.entries.filter((candidate) => candidate !== entry);
    await this.closeOne(entry);
  }

  /** Calling it again waits for the same closing. */
  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    for (let entry = this.entries.pop(); entry; entry = this.entries.pop()) await this.closeOne(entry);
  }

  private async closeOne({ name, close }: Entry): Promise<void> {
    try {
      await close();
    } catch (error) {
      this.report(`${name} could not be closed: ${reasonOf(error)}`);
    }
  }
}
