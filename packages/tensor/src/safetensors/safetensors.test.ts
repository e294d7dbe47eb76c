import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HostTensor, SafetensorsError, readSafetensors, writeSafetensors } from '@hastejs/tensor';

const TENSORS: Record<string, HostTensor> = {
  bytes: { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 255) },
  flags: { dtype: 'BOOL', shape: [2], data: Uint8Array.of(0, 1) },
  weight: { dtype: 'F32', shape: [2, 2], data: Float32Array.of(1.5, -0, Infinity, 2 ** -149) },
  half: { dtype: 'F16', shape: [1, 1], data: Uint16Array.of(0x3c00) },
  brain: { dtype: 'BF16', shape: [2], data: Uint16Array.of(0x3f80, 1) },
  ids: { dtype: 'I32', shape: [2], data: Int32Array.of(-1, 7) },
  long: { dtype: 'I64', shape: [1], data: BigInt64Array.of(-(2n ** 40n)) },
  scalar: { dtype: 'F32', shape: [], data: Float32Array.of(3) },
  empty: { dtype: 'F32', shape: [0, 4], data: new Float32Array(0) },
};

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'haste-safetensors-'));
  path = join(folder, 'a.safetensors');
});
afterEach(() => rm(folder, { recursive: true }));

describe('safetensors', () => {
  it('gives back every dtype, shape and the metadata', async () => {
    await writeSafetensors(path, TENSORS, { format: 'pt', note: 'é' });
    const { metadata, tensors } = await readSafetensors(path);
    expect(metadata).toEqual({ format: 'pt', note: 'é' });
    expect(Object.fromEntries(tensors)).toEqual(TENSORS);
  });

  it('reads the tensors that are asked for alone', async () => {
    await writeSafetensors(path, TENSORS);
    const { tensors } = await readSafetensors(path, new Set(['ids', 'scalar', 'nowhere']));
    expect(Object.fromEntries(tensors)).toEqual({ ids: TENSORS['ids'], scalar: TENSORS['scalar'] });
  });

  it('writes the same bytes whatever the order, aligned, and leaves nothing beside the file', async () => {
    await writeSafetensors(path, TENSORS, { b: '2', a: '1' });
    const first = await readFile(path);
    await writeSafetensors(path, Object.fromEntries(Object.entries(TENSORS).reverse()), { a: '1', b: '2' });
    expect(await readFile(path)).toEqual(first);
    const headerBytes = Number(first.readBigUInt64LE());
    expect(headerBytes % 8).toBe(0);
    const header = JSON.parse(first.toString('utf8', 8, 8 + headerBytes)) as Record<string, { data_offsets: number[] }>;
    expect(Object.keys(header).slice(0, 3)).toEqual(['__metadata__', 'long', 'empty']);
    for (const name of ['weight', 'scalar', 'ids']) expect(header[name]!.data_offsets[0]! % 4).toBe(0);
    expect(await readdir(folder)).toEqual(['a.safetensors']);
  });

  it('keeps the old file and no draft when writing fails', async () => {
    await mkdir(path);
    await expect(writeSafetensors(path, TENSORS)).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['a.safetensors']);
    await expect(writeSafetensors(join(folder, 'absent', 'b'), TENSORS)).rejects.toThrow('ENOENT');
  });

  it('refuses data that does not fit its description', async () => {
    const wrong: HostTensor = { dtype: 'F32', shape: [3], data: Float32Array.of(1) };
    await expect(writeSafetensors(path, { wrong })).rejects.toThrow(
      "'wrong': F32 of shape [3] needs a Float32Array of 3",
    );
    await expect(writeSafetensors(path, { wrong: { ...wrong, dtype: 'I32' } })).rejects.toThrow('needs a Int32Array');
  });
});

describe('a damaged safetensors file', () => {
  const entry = (shape: number[], from: number, to: number, dtype = 'F32') => ({
    dtype,
    shape,
    data_offsets: [from, to],
  });
  const damaged = (header: string | object, dataBytes: number, claimed?: number): Buffer => {
    const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(claimed ?? json.length));
    return Buffer.concat([length, json, Buffer.alloc(dataBytes)]);
  };

  const cases: [fault: string, bytes: Buffer, message: string][] = [
    ['an empty file', Buffer.alloc(0), 'only 0 bytes'],
    ['another kind of file', Buffer.from('{"this is": "JSON, not safetensors"}'), 'not a safetensors file'],
    ['a header cut off', damaged({ a: entry([1], 0, 4) }, 0, 500), 'header needs 500 bytes'],
    ['a broken header', damaged('{"a":', 0), 'header is not JSON'],
    ['a header of another shape', damaged('[1]', 0), 'not a JSON object'],
    ['metadata of numbers', damaged({ __metadata__: { a: 1 } }, 0), '__metadata__'],
    ['data cut off', damaged({ a: entry([2], 0, 8) }, 7), "'a' ends at byte 8 of the data, but only 7"],
    ['bytes at the end', damaged({ a: entry([1], 0, 4) }, 9), '5 bytes follow'],
    ['overlapping tensors', damaged({ a: entry([2], 0, 8), b: entry([2], 4, 12) }, 12), "'b' overlaps"],
    ['a gap', damaged({ a: entry([1], 0, 4), b: entry([1], 8, 12) }, 12), "4 bytes before tensor 'b'"],
    ['a wrong size', damaged({ a: entry([3], 0, 4) }, 4), "'a' of shape [3] and dtype F32 needs 12 bytes"],
    ['an unknown dtype', damaged({ a: entry([1], 0, 8, 'F64') }, 8), '\'a\' has dtype "F64"'],
    ['a negative size', damaged({ a: entry([-1], 0, 4) }, 4), "'a' has the shape [-1]"],
    ['offsets that are none', damaged({ a: { dtype: 'F32', shape: [1], data_offsets: [0] } }, 4), 'data_offsets [0]'],
    ['an entry that is none', damaged({ a: 1 }, 4), "'a' has no description"],
  ];
  it.each(cases)('%s: one clear error that names file and fault', async (_, bytes, message) => {
    await writeFile(path, bytes);
    const error: unknown = await readSafetensors(path).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SafetensorsError);
    expect((error as SafetensorsError).message).toContain(message);
    expect((error as SafetensorsError).message).toContain(path);
  });
});
