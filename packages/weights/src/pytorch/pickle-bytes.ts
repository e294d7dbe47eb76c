import type { FileBytes } from './file-bytes.js';
import { CheckpointError } from './values.js';

const WINDOW = 2 ** 16;
/** A pickle of weights holds names and shapes: a thousand tensors take 100 KB. One that is longer holds data of another kind. */
export const MOST_PICKLE_BYTES = 2 ** 26;
/** No name or comment is longer; it is checked before anything is allocated. */
const MOST_PIECE_BYTES = 2 ** 20;

/** The bytes of a pickle, read forward through a window: where it ends is known when it is there. */
export class PickleBytes {
  private window = new Uint8Array();
  private windowStart = 0;
  private readonly limit: number;

  /** @param at where in the file it begins. @param end what it cannot go beyond. */
  constructor(
    private readonly file: Pick<FileBytes, 'readNow'>,
    public at: number,
    private readonly end: number,
  ) {
    this.limit = at + MOST_PICKLE_BYTES;
  }

  /** The next bytes; they are valid until the next call. */
  take(count: number): Uint8Array {
    if (count < 0 || count > MOST_PIECE_BYTES || this.at + count > this.limit) {
      throw new CheckpointError('its pickle is of absurd size');
    }
    if (this.at + count > this.end) throw new CheckpointError('its pickle ends in the middle: it is truncated');
    if (this.at + count > this.windowStart + this.window.length) this.advance(count);
    const start = this.at - this.windowStart;
    this.at += count;
    return this.window.subarray(start, start + count);
  }

  private advance(count: number): void {
    const length = Math.min(Math.max(count, WINDOW), this.end - this.at);
    this.window = this.file.readNow(this.at, length) as Uint8Array<ArrayBuffer>;
    this.windowStart = this.at;
    if (this.window.length < count) throw new CheckpointError('its pickle ends in the middle: it is truncated');
  }

  private number<T>(count: number, read: (view: DataView) => T): T {
    const { buffer, byteOffset } = this.take(count);
    return read(new DataView(buffer, byteOffset, count));
  }

  u8 = (): number => this.take(1)[0]!;
  u16 = (): number => this.number(2, (view) => view.getUint16(0, true));
  i32 = (): number => this.number(4, (view) => view.getInt32(0, true));
  u32 = (): number => this.number(4, (view) => view.getUint32(0, true));
  /** Exact as far as sizes can make sense. */
  u64 = (): number => this.number(8, (view) => Number(view.getBigUint64(0, true)));
  f64 = (): number => this.number(8, (view) => view.getFloat64(0));
  text = (count: number): string => new TextDecoder().decode(this.take(count));

  /** Text up to the next newline, which goes as well. */
  line(): string {
    const bytes: number[] = [];
    for (let byte = this.u8(); byte !== 0x0a; byte = this.u8()) {
      if (bytes.length === WINDOW) throw new CheckpointError('it has a line of absurd length');
      bytes.push(byte);
    }
    return new TextDecoder().decode(Uint8Array.from(bytes));
  }
}
