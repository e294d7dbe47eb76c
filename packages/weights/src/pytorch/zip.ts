// The directory of a zip archive, as torch.save writes it: data is stored, not compressed, so that each entry is a range of the
// file; of TorchScript's archives the code is compressed, which nobody asks for. Format: PKWARE's APPNOTE, sections 4.3 and 4.5.3 (zip64).
import type { FileBytes } from './file-bytes.js';
import { CheckpointError } from './values.js';

export interface ZipEntry {
  /** Where its local header is; the data comes after that. */
  readonly header: number;
  /** Bytes in the file. */
  readonly size: number;
  readonly compressed: boolean;
}

const LOCAL = 0x04034b50;
const DIRECTORY = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const LOCAL_BYTES = 30;
const DIRECTORY_BYTES = 46;
const END_BYTES = 22;
const END64_BYTES = 56;
const LOCATOR64_BYTES = 20;
const LONGEST_COMMENT = 0xffff;
const IN_EXTRA = 0xffffffff;
/** Ten thousand tensors take one megabyte. */
const MOST_DIRECTORY_BYTES = 2 ** 26;

export async function isZip(file: FileBytes): Promise<boolean> {
  return file.size >= END_BYTES && viewOf(await file.read(0, 4)).getUint32(0, true) === LOCAL;
}

/** Entries by name, each held against the file's size. @throws CheckpointError */
export async function readZip(file: FileBytes): Promise<ReadonlyMap<string, ZipEntry>> {
  const { offset, size, count } = await findDirectory(file);
  if (size > MOST_DIRECTORY_BYTES) throw new CheckpointError('its directory is of absurd size');
  const view = viewOf(await file.read(offset, size));
  const entries = new Map<string, ZipEntry>();
  for (let at = 0, i = 0; i < count; i++) {
    const { name, next, ...entry } = readEntry(view, at);
    file.check(entry.header, LOCAL_BYTES + entry.size);
    entries.set(name, entry);
    at = next;
  }
  return entries;
}

/** Where in the file an entry's data begins: its local header may be longer than the directory's, since torch aligns data. */
export async function dataOf(file: FileBytes, { header, size, compressed }: ZipEntry): Promise<number> {
  if (compressed) throw new CheckpointError('what it holds is compressed, which torch.save does not do', true);
  const view = viewOf(await file.read(header, LOCAL_BYTES));
  if (view.getUint32(0, true) !== LOCAL) throw new CheckpointError('its directory points to what is no entry');
  const position = header + LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  file.check(position, size);
  return position;
}

interface Directory {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
}

async function findDirectory(file: FileBytes): Promise<Directory> {
  const length = Math.min(file.size, LOCATOR64_BYTES + END_BYTES + LONGEST_COMMENT);
  const tail = viewOf(await file.read(file.size - length, length));
  for (let at = length - END_BYTES; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END) continue;
    const locator = at - LOCATOR64_BYTES;
    if (locator >= 0 && tail.getUint32(locator, true) === LOCATOR64) return directory64(file, u64(tail, locator + 8));
    return {
      count: tail.getUint16(at + 10, true),
      size: tail.getUint32(at + 12, true),
      offset: tail.getUint32(at + 16, true),
    };
  }
  throw new CheckpointError('its directory, which is at its end, is missing: it is truncated');
}

async function directory64(file: FileBytes, position: number): Promise<Directory> {
  const view = viewOf(await file.read(position, END64_BYTES));
  if (view.getUint32(0, true) !== END64) throw new CheckpointError('its directory is not where it says');
  return { count: u64(view, 32), size: u64(view, 40), offset: u64(view, 48) };
}

function readEntry(view: DataView, at: number): ZipEntry & { readonly name: string; readonly next: number } {
  const damaged = new CheckpointError('its directory is damaged');
  if (at + DIRECTORY_BYTES > view.byteLength || view.getUint32(at, true) !== DIRECTORY) throw damaged;
  const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
  const extra = at + DIRECTORY_BYTES + nameBytes!;
  const next = extra + extraBytes! + commentBytes!;
  if (next > view.byteLength) throw damaged;
  const name = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + DIRECTORY_BYTES, nameBytes));
  const [full, size, header] = wideFields(view, extra, extraBytes!, [
    view.getUint32(at + 24, true),
    view.getUint32(at + 20, true),
    view.getUint32(at + 42, true),
  ]);
  const compressed = view.getUint16(at + 10, true) !== 0;
  if (!compressed && full !== size) throw damaged;
  return { name, header: header!, size: size!, compressed, next };
}

/** What does not fit into 32 bits is in the extra field 1, in the same order. */
function wideFields(view: DataView, begin: number, length: number, narrow: readonly number[]): readonly number[] {
  const end = begin + length;
  for (let at = begin; at + 4 <= end;) {
    const fieldEnd = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1 && fieldEnd <= end) {
      let value = at + 4;
      return narrow.map((number) => {
        if (number !== IN_EXTRA || value + 8 > fieldEnd) return number;
        value += 8;
        return u64(view, value - 8);
      });
    }
    at = fieldEnd;
  }
  return narrow;
}

const u64 = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
