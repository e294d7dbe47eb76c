// torch.save before 1.6: pickles in a row (a magic number, the format's version, facts of the machine, the object, the keys of
// its storages), then each storage as its number of elements and their bytes.
import type { Checkpoint, Place } from './checkpoint.js';
import type { FileBytes } from './file-bytes.js';
import { PickleBytes } from './pickle-bytes.js';
import { readPickle } from './read-pickle.js';
import { CheckpointError, type Storage } from './values.js';

const MAGIC = 0x1950a86a20f9469cfc6cn;
/** The magic number as every protocol since 2 writes it: LONG1, ten bytes. */
const MAGIC_BYTES = Buffer.from('8a0a6cfc9c46f9206aa85019', 'hex');
const FIRST_BYTES = 32;
const VERSION = 1001;
const COUNT_BYTES = 8;

/** Whether it begins with the magic number; newer protocols have some bytes before it. */
export async function isStream(file: FileBytes): Promise<boolean> {
  const head = Buffer.from(await file.read(0, Math.min(file.size, FIRST_BYTES)));
  return head.includes(MAGIC_BYTES);
}

/** @throws CheckpointError */
export async function openStream(file: FileBytes): Promise<Checkpoint> {
  let at = 0;
  const next = () => {
    const bytes = new PickleBytes(file, at, file.size);
    const pickle = readPickle(bytes);
    at = bytes.at;
    return pickle;
  };
  const [magic, version, facts] = [next().value, next().value, next().value];
  if (magic !== MAGIC || version !== VERSION) throw new CheckpointError('its format has an unknown version', true);
  if (facts instanceof Map && facts.get('little_endian') === false)
    throw new CheckpointError('its numbers are big-endian', true);
  const { value: root, storages } = next();
  const keys = next().value;
  const sound = Array.isArray(keys) && keys.every((key) => typeof key === 'string');
  if (!sound) throw new CheckpointError('it does not list its storages');
  const places = await placesOf(file, at, keys as readonly string[], storages);
  return {
    root,
    sizeOf: ({ key }) => places.get(key)?.size ?? null,
    locate: async ({ key }) => places.get(key)!,
  };
}

async function placesOf(
  file: FileBytes,
  begin: number,
  keys: readonly string[],
  storages: ReadonlyMap<string, Storage>,
): Promise<ReadonlyMap<string, Place>> {
  const places = new Map<string, Place>();
  let at = begin;
  for (const key of keys) {
    const type = storages.get(key)?.type;
    if (!type) throw new CheckpointError(`it does not say what its storage ${key} holds`);
    const count = new DataView((await file.read(at, COUNT_BYTES)).buffer).getBigUint64(0, true);
    const place = { position: at + COUNT_BYTES, size: Number(count) * type.bytes };
    file.check(place.position, place.size);
    places.set(key, place);
    at = place.position + place.size;
  }
  return places;
}
