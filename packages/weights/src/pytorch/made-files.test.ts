import { isHasteError } from '@hastejs/plugin-api';
import { rng } from '@hastejs/tensor';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useTemporaryFolder } from '#support/images.js';
import {
  type ZipOptions,
  call,
  checkpoint,
  dict,
  endOf,
  int,
  named,
  pickle,
  raw,
  savedTensor,
  text,
  tuple,
  zipOf,
} from '#support/torch-files.js';
import { openWeights } from '../open-weights.js';
import { OPCODES } from './opcodes.js';

const folder = useTemporaryFolder();
async function read(bytes: Uint8Array, entry?: string): Promise<unknown> {
  const path = join(folder(), 'made.pth');
  await writeFile(path, bytes);
  const file = await openWeights(path, { entry });
  try {
    return await file.read(file.shapes.keys());
  } finally {
    await file.close();
  }
}
const weights = (tensor: Buffer) => checkpoint(dict({ a: tensor }));

describe('an archive', () => {
  it.each<ZipOptions>([{}, { wide: true }])('is read with fields of 32 and of 64 bits: %j', async (options) => {
    const file = checkpoint(dict({ a: savedTensor() }), undefined, options);
    expect(await read(file)).toEqual({ a: { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) } });
  });

  const whole = checkpoint(dict({ a: savedTensor() }));
  const CASES: [fault: string, bytes: Buffer, message: RegExp][] = [
    ['without a directory', whole.subarray(0, -22), /directory, which is at its end, is missing: it is truncated/],
    ['with a directory beyond its end', Buffer.concat([whole.subarray(0, -22), endOf(1, 9999, 9)]), /is truncated/],
    [
      'that promises more entries',
      Buffer.concat([whole.subarray(0, -22), endOf(9, 60, whole.length - 140)]),
      /directory is damaged/,
    ],
    ['with a directory of gigabytes', Buffer.concat([whole.subarray(0, -22), endOf(1, 2 ** 31, 9)]), /of absurd size/],
    ['of other things', zipOf({ 'a.txt': Buffer.from('text') }), /without data\.pkl/],
    ['that is compressed', checkpoint(dict({ a: savedTensor() }), {}, { method: 8 }), /is compressed/],
    [
      'of a machine of the other byte order',
      zipOf({ 'w/data.pkl': pickle(dict({})), 'w/byteorder': Buffer.from('big') }),
      /big-endian/,
    ],
  ];
  it.each(CASES)('%s: one clear error', async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toThrow(message);
  });
});

/** A list of 100,000 items, made a shape and a dict 100,000 times: copies of it would fill any memory. */
const MANY_USES = `](${'N'.repeat(100_000)}eq\x000ctorch\nSize\nq\x010](${'h\x01h\x00\x85R'.repeat(100_000)}e`;

const REBUILD = named('torch._tensor', '_rebuild_from_type_v2');

describe('a pickle', () => {
  const CASES: [fault: string, root: Buffer, message: RegExp][] = [
    [
      'that would run a program',
      call(named('posix', 'system'), text('true')),
      /needs 'posix\.system', which is neither/,
    ],
    ['that calls a plain class', call(named('torch', 'FloatStorage'), text('x')), /calls 'torch\.FloatStorage'/],
    ['that calls a value', call(text('print')), /calls what cannot be called/],
    ['that rebuilds a rebuilding', call(REBUILD, REBUILD, raw('N'), tuple()), /calls what cannot be called/],
    ['of a module with its source', raw('(X\x06\0\0\0moduletQ'), /holds a whole module/],
    ['that refers to something else', raw('NQ'), /outside of it that is no storage/],
    ['with an instruction for extensions', raw('\x82\x01'), /instruction 0x82/],
    ['that takes from an empty stack', raw('0'), /takes a value that it did not put down/],
    ['that takes its mark', raw('(0'), /takes a value that it did not put down/],
    ['that closes what is not open', raw('t'), /closes what it did not open/],
    ['that recalls nothing', raw('h\x07'), /recalls what it never kept/],
    ['that appends to a dict', raw('}Na'), /appends to what is no list/],
    ['that sets items of a list', raw(']NNs'), /fills what is no dict/],
    ['that names a list of lists', raw(']]\x93'), /something without a name/],
    ['that uses a long list over and over', raw(MANY_USES), /no named tensors/],
    ['with a text of gigabytes', raw('X\xff\xff\xff\x7f'), /pickle is of absurd size/],
    ['with a number of gigabytes', raw('\x8b\xff\xff\xff\x7f'), /number of absurd length/],
    ['that ends in the middle', raw('X\xff\xff\0\0abc'), /ends in the middle: it is truncated/],
    [
      'nested a million deep, without end',
      raw(']'.repeat(1_000_000) + 'a'.repeat(1_000_001)),
      /more than 2000000 instructions/,
    ],
    ['nested half a million deep', raw(']'.repeat(500_000) + 'a'.repeat(499_999)), /no named tensors/],
    ['of dicts in dicts without end', raw(`}q\x00(X\x01\0\0\0ah\x00u`), /no named tensors/],
    ['of no tensors', dict({ epoch: text('3') }), /no named tensors/],
    [
      'that makes a dict of a number',
      call(named('collections', 'OrderedDict'), raw('K\x01')),
      /makes a dict of something that is none/,
    ],
  ];
  it.each(CASES)('%s: one clear error', async (_, root, message) => {
    await expect(read(checkpoint(root))).rejects.toThrow(message);
  });
});

describe('a tensor', () => {
  const [zero, minusOne] = [int(0), raw('\x8a\x08' + '\xff'.repeat(8))];
  const usual = savedTensor();
  const offset = usual.indexOf(zero);
  const negative = Buffer.concat([usual.subarray(0, offset), minusOne, usual.subarray(offset + zero.length)]);
  const CASES: [fault: string, tensor: Buffer, message: RegExp][] = [
    ['beyond its storage', savedTensor({ offset: 1 }), /'a' reaches element 3 of a storage of 2/],
    ['with a stride beyond it', savedTensor({ strides: [2] }), /'a' reaches element 3 of a storage of 2/],
    ['of absurd shape', savedTensor({ shape: [2 ** 40, 2 ** 40], strides: [2 ** 40, 1] }), /'a' reaches element/],
    [
      'that repeats two elements',
      savedTensor({ shape: [2 ** 40, 2], strides: [0, 1] }),
      /shows 2 elements over and over/,
    ],
    ['whose storage is not there', savedTensor({ key: '1' }), /storage 1 of its tensor 'a' is missing/],
    [
      'whose storage is smaller',
      savedTensor({ length: 3 }),
      /storage 0 of its tensor 'a' should have 12 bytes and has 8/,
    ],
    ['of absurd storage', savedTensor({ length: 2 ** 50 }), /should have \d+ bytes and has 8/],
    ['of other rank than its strides', savedTensor({ strides: [1, 1] }), /no shape that makes sense/],
    ['of complex numbers', savedTensor({ type: 'ComplexFloatStorage' }), /needs 'torch\.ComplexFloatStorage'/],
    ['that begins before it', negative, /no shape that makes sense/],
  ];
  it.each(CASES)('%s: one clear error', async (_, tensor, message) => {
    await expect(read(weights(tensor))).rejects.toThrow(message);
  });

  it('with no storage, or a class for a shape, is refused', async () => {
    const rebuild = named('torch._utils', '_rebuild_tensor_v2');
    await expect(read(weights(call(rebuild, tuple())))).rejects.toThrow(/has no storage/);
  });
});

/** Something of every kind on the stack and in memory, so that random instructions do not fail at once. */
const PLENTY = raw('](}q\x00]q\x01Nctorch\nSize\nq\x02K\x01q\x03(]q\x00}(K\x01]K\x02}u((((NNNN');

describe('damage anywhere', () => {
  it('any program of its instructions is refused, or holds no tensors', async () => {
    const codes = [...OPCODES.keys(), 0, 1, 2, 3];
    const seeds = rng(7);
    for (let trial = 0; trial < 300; trial++) {
      const program = seeds.stream(`${trial}`).integers(200, codes.length);
      const body = Buffer.concat([PLENTY, Buffer.from([...program].map((i) => codes[i]!))]);
      expect([trial, await outcome(checkpoint(body))]).toEqual([trial, 'refused']);
    }
  });

  const fixture = (name: string) => readFile(join(__dirname, '../../fixtures', name));
  const outcome = (bytes: Uint8Array) =>
    read(bytes, undefined).then(
      () => 'read',
      (error: unknown) => (isHasteError(error, 'WEIGHTS_UNREADABLE') ? 'refused' : error),
    );

  it.each(['tensors.pth', 'tensors-stream.pth'])('%s cut at any length is refused', async (name) => {
    const bytes = await fixture(name);
    for (let length = 0; length < bytes.length; length += 31) {
      expect([length, await outcome(bytes.subarray(0, length))]).toEqual([length, 'refused']);
    }
  });

  it.each(['tensors-stream.pth', 'scripted.pt'])(
    '%s with any byte changed is read or refused, nothing else',
    async (name) => {
      const bytes = await fixture(name);
      const seen = new Set<unknown>();
      for (let at = 0; at < bytes.length; at += 17) {
        const changed = Buffer.from(bytes);
        changed[at]! ^= 1 << (at % 8);
        seen.add(await outcome(changed));
      }
      expect([...seen].sort()).toEqual(['read', 'refused']);
    },
  );
});
