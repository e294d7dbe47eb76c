import { readFile, stat } from 'node:fs/promises';
import { unreadable } from './faults.js';

export type JsonRecord = Readonly<Record<string, unknown>>;

/** An index of a hundred thousand tensors has ten million bytes; what has more is another kind of file. */
const MOST_BYTES = 2 ** 26;

/**
 * A JSON object beside weights, or null when there is no such file.
 * @throws HasteError WEIGHTS_UNREADABLE when it is there and is something else.
 */
export async function readJsonBeside(path: string): Promise<JsonRecord | null> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw new Error(`it has ${size} bytes`);
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonRecord;
    throw new Error('it holds no JSON object');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    const fix = 'Fetch it again, or remove it and say with options what it says.';
    throw unreadable(path, `The file beside the weights cannot be read: ${message}.`, fix, cause);
  }
}
