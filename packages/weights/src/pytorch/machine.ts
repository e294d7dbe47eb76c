// Python's pickle, as data: a stack machine of which everything is kept but the calls. The format is described in Python's
// Lib/pickletools.py. Values are nested by reference only, and nothing here recurses: depth costs no stack.
import { globalNamed, make, storageOf } from './globals.js';
import { Bag, CheckpointError, type Storage } from './values.js';

const MARK = Symbol('mark');
/** The machine's stack and memory, and what instructions do to them. @throws CheckpointError from every method */
export class Machine {
  private readonly stack: unknown[] = [];
  private readonly memo = new Map<number, unknown>();
  /** Every storage that was named, by its key. */
  readonly storages = new Map<string, Storage>();

  push(value: unknown): void {
    this.stack.push(value);
  }

  pop(): unknown {
    if (this.stack.length > 0 && this.stack.at(-1) !== MARK) return this.stack.pop();
    throw new CheckpointError('its pickle takes a value that it did not put down');
  }

  top(): unknown {
    const value = this.pop();
    this.stack.push(value);
    return value;
  }

  mark(): void {
    this.stack.push(MARK);
  }

  /** Everything above the last mark, which goes as well. */
  marked(): unknown[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) throw new CheckpointError('its pickle closes what it did not open');
    const items = this.stack.slice(mark + 1);
    this.stack.length = mark;
    return items;
  }

  /** Pops `count` values as a tuple. */
  tuple(count: number): void {
    const items = Array.from({ length: count }, () => this.pop()).reverse();
    this.push(items);
  }

  remember(key: number = this.memo.size): void {
    this.memo.set(key, this.top());
  }

  recall(key: number): void {
    if (!this.memo.has(key)) throw new CheckpointError('its pickle recalls what it never kept');
    this.push(this.memo.get(key));
  }

  named(module: unknown, name: unknown): void {
    this.push(globalNamed(module, name));
  }

  call(): void {
    const args = this.pop();
    this.push(make(this.pop(), args));
  }

  append(items: readonly unknown[]): void {
    const target = this.top();
    if (!Array.isArray(target)) throw new CheckpointError('its pickle appends to what is no list');
    for (const item of items) target.push(item);
  }

  setItems(items: readonly unknown[]): void {
    const target = this.top();
    if (!(target instanceof Map) || items.length % 2 !== 0)
      throw new CheckpointError('its pickle fills what is no dict');
    for (let i = 0; i < items.length; i += 2) target.set(items[i], items[i + 1]);
  }

  /** The attributes of a bag. What torch hangs onto dicts and tensors besides (versions, hooks) is not kept. */
  build(): void {
    const state = this.pop();
    const target = this.top();
    if (!(target instanceof Bag)) return;
    if (!(state instanceof Map)) throw new CheckpointError(`its '${target.type}' has no attributes`);
    target.attributes = state;
  }

  /** A storage by its persistent id. Of one key there is one object, however often it is named. */
  storage(): void {
    const found = storageOf(this.pop());
    const same = this.storages.get(found.key);
    const known = same && same.type === found.type && same.length === found.length;
    if (!known) this.storages.set(found.key, found);
    this.push(known ? same : found);
  }
}
