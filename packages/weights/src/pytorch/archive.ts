// torch.save since 1.6, and torch.jit.save: a zip archive of <name>/data.pkl, <name>/data/<key> and, from the newer ones,
// <name>/byteorder.
import type { Checkpoint } from './checkpoint.js';
import type { FileBytes } from './file-bytes.js';
import { PickleBytes } from './pickle-bytes.js';
import { readPickle } from './read-pickle.js';
import { CheckpointError } from './values.js';
import { type ZipEntry, dataOf, readZip } from './zip.js';

const PICKLE = /^[^/]+\/data\.pkl$/;
const LONGEST_BYTE_ORDER = 16;

/** @throws CheckpointError */
export async function openArchive(file: FileBytes): Promise<Checkpoint> {
  const entries = await readZip(file);
  const pickle = [...entries.keys()].find((name) => PICKLE.test(name));
  if (pickle === undefined) throw new CheckpointError('it is a zip archive without data.pkl');
  const folder = pickle.slice(0, pickle.indexOf('/') + 1);
  await checkByteOrder(file, entries.get(`${folder}byteorder`));
  const entry = entries.get(pickle)!;
  const begin = await dataOf(file, entry);
  const placeOf = (key: string) => entries.get(`${folder}data/${key}`);
  return {
    root: readPickle(new PickleBytes(file, begin, begin + entry.size)).value,
    sizeOf: ({ key }) => placeOf(key)?.size ?? null,
    locate: async ({ key }) => {
      const place = placeOf(key)!;
      return { position: await dataOf(file, place), size: place.size };
    },
  };
}

async function checkByteOrder(file: FileBytes, entry: ZipEntry | undefined): Promise<void> {
  if (!entry) return;
  const length = Math.min(entry.size, LONGEST_BYTE_ORDER);
  const order = new TextDecoder().decode(await file.read(await dataOf(file, entry), length));
  if (order !== 'little') throw new CheckpointError(`its numbers are ${order}-endian`, true);
}
