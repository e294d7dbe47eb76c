import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataSpec, TapData } from '@hastejs/plugin-api';
import { type HostTensor, rng, writeSafetensors } from '@hastejs/tensor';
import { useTemporaryFolder } from '#support/images.js';
import { METADATA_KEY, openFeatures } from './index.js';

// N images, V variants, T tokens, D width, H heads, d head size.
const folder = useTemporaryFolder();
const teacher = { name: 'made up', blocks: 2, width: 6, heads: 2, headDim: 3, grid: { height: 2, width: 2 } };
const data: DataSpec = {
  name: 'photos',
  length: 5,
  classes: ['a'],
  image: { channels: 1, height: 8, width: 8 },
  fingerprint: 'f1',
  variants: ['plain', 'mirrored'],
};
const source = { name: 'photos', length: 5, fingerprint: 'f1', variants: ['plain', 'mirrored'] };
const ROWS = 10;

const drawn = (name: string, row: number[]): HostTensor => {
  const size = row.reduce((product, length) => product * length, ROWS);
  return { dtype: 'F32', shape: [ROWS, ...row], data: rng(1).stream(name).normal(size) };
};
const whole: Record<string, HostTensor> = {
  'tokens.final': drawn('tokens.final', [4, 6]),
  'queries.1': drawn('queries.1', [2, 4, 3]),
  'keys.1': drawn('keys.1', [2, 4, 3]),
};

/** Rows [first, first + count) of tensors. */
function rowsOf(tensors: Record<string, HostTensor>, first: number, count: number): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape, data: values }]) => {
      const size = values.length / ROWS;
      return [
        name,
        { dtype, shape: [count, ...shape.slice(1)], data: values.slice(first * size, (first + count) * size) },
      ];
    }),
  );
}

async function write(
  name: string,
  tensors: Record<string, HostTensor>,
  first = 0,
  change: object = {},
): Promise<string> {
  const path = join(folder(), name);
  const metadata = { version: 1, teacher, data: source, first, ...change };
  await writeSafetensors(path, tensors, { [METADATA_KEY]: JSON.stringify(metadata) });
  return path;
}

const ITEMS = { indices_B: Int32Array.of(4, 0, 2), variants_B: Uint8Array.of(0, 1, 1) };
const TAPS = { tokens: ['final' as const], attention: [1] };

/** Rows 4, 5 and 7: image 4 plain, images 0 and 2 mirrored. */
function expectRows(found: TapData): void {
  const expected = (name: string) => {
    const { data: values } = whole[name]!;
    const size = values.length / ROWS;
    return [4, 5, 7].flatMap((row) => [...(values as Float32Array).slice(row * size, (row + 1) * size)]);
  };
  expect([...(found.tokens.get('final')!.data as Float32Array)]).toEqual(expected('tokens.final'));
  expect(found.tokens.get('final')!.shape).toEqual([3, 4, 6]);
  const { q_BHTd, k_BHTd } = found.attention.get(1)!;
  expect([...(q_BHTd.data as Float32Array)]).toEqual(expected('queries.1'));
  expect([...(k_BHTd.data as Float32Array)]).toEqual(expected('keys.1'));
  expect(k_BHTd.shape).toEqual([3, 2, 4, 3]);
}

describe('features on disk', () => {
  it('are read by item from one file', async () => {
    const { taps, reader, source: found } = await openFeatures(await write('all.safetensors', whole), data);
    expect(found.teacher).toEqual(teacher);
    expect(taps).toEqual(TAPS);
    expectRows(await reader.read(ITEMS, TAPS));
    await reader.close();
    await expect(reader.read(ITEMS, TAPS)).rejects.toThrow(/after its closing/);
  });

  it('are read from shards, in whatever order and with whatever tensors in each', async () => {
    await write('b.safetensors', rowsOf(whole, 0, 3));
    await write('a.safetensors', rowsOf(whole, 3, 4), 3);
    await write('d.safetensors', rowsOf({ 'tokens.final': whole['tokens.final']! }, 7, 3), 7);
    const { 'tokens.final': _, ...attention } = whole;
    await write('c.safetensors', rowsOf(attention, 7, 3), 7);
    const { taps, reader } = await openFeatures(folder(), data);
    expect(taps).toEqual(TAPS);
    expectRows(await reader.read(ITEMS, TAPS));
    await reader.close();
  });

  it('offer only what every row is there of', async () => {
    const { 'keys.1': _, ...rest } = whole;
    await write('a.safetensors', rest);
    await write('b.safetensors', rowsOf({ 'tokens.0': drawn('tokens.0', [4, 6]) }, 0, 9));
    const { taps, reader } = await openFeatures(folder(), data);
    expect(taps).toEqual({ tokens: ['final'], attention: [] });
    await reader.close();
  });
});

describe('features that do not fit are refused, with everything at once', () => {
  const refusal = (path: string, spec = data) =>
    openFeatures(path, spec).then(
      () => 'nothing was refused',
      (error: unknown) => String(error),
    );

  it('of other images', async () => {
    const path = await write('all.safetensors', whole);
    const told = await refusal(path, { ...data, length: 6, fingerprint: 'f2', variants: ['plain'] });
    expect(told).toMatch(
      /of 5 images, and it has 6; .*fingerprint f1 \(photos\), and its is f2; .*plain, mirrored.*plain\./,
    );
    expect(told).toContain('[TEACHER_MISMATCH]');
    const { variants: _, ...uncounted } = data;
    expect(await refusal(path, uncounted)).toContain('augmentation cannot be counted');
  });

  it.each([
    [
      'of other shapes',
      { 'tokens.final': drawn('x', [4, 7]) },
      /'tokens.final' is \[10, 4, 7\], but its teacher gives \[n, 4, 6\]/,
    ],
    ['of a block that the teacher lacks', { 'tokens.2': drawn('x', [4, 6]) }, /'tokens.2' is no tensor of features/],
    [
      'of whole numbers',
      { 'tokens.0': { dtype: 'I32', shape: [10, 4, 6], data: new Int32Array(240) } as HostTensor },
      /'tokens.0' is kept as I32; it must be F32, BF16, F16/,
    ],
    ['with a row missing', rowsOf(whole, 0, 9), /of no tap of made up \(2 blocks, 2×2 tokens\) they hold every row/],
  ])('%s', async (_, tensors: Record<string, HostTensor>, message) => {
    expect(await refusal(await write('all.safetensors', tensors))).toMatch(message);
  });

  it('of two teachers, or with a row twice', async () => {
    await write('a.safetensors', rowsOf(whole, 0, 5));
    await write('b.safetensors', rowsOf(whole, 5, 5), 5, { teacher: { ...teacher, name: 'other' } });
    expect(await refusal(folder())).toMatch(/b\.safetensors is of another teacher or data set than .*a\.safetensors/);
    await write('b.safetensors', rowsOf(whole, 4, 6), 4);
    expect(await refusal(folder())).toMatch(/they hold every row/);
  });

  it('where there is nothing, or something else, or half of it', async () => {
    expect(await refusal(join(folder(), 'no'))).toMatch(
      /There is no file or folder[^]*WEIGHTS_UNREADABLE|WEIGHTS_UNREADABLE/,
    );
    expect(await refusal(folder())).toMatch(/holds no .safetensors file/);
    const path = await write('all.safetensors', whole);
    await writeFile(join(folder(), 'half.safetensors'), (await readFile(path)).subarray(0, 900));
    expect(await refusal(folder())).toMatch(/half\.safetensors/);
    await writeSafetensors(join(folder(), 'half.safetensors'), whole);
    expect(await refusal(folder())).toMatch(/metadata has no 'haste.features'/);
    expect(await refusal(await write('bad.safetensors', whole, 0, { version: 2 }))).toMatch(
      /is not what Haste reads there/,
    );
  });
});

it('reads from more shards than files are kept open', async () => {
  const many = { ...data, length: 100, variants: ['plain'] };
  await mkdir(join(folder(), 'many'));
  for (let first = 0; first < 100; first++) {
    const tensor: HostTensor = { dtype: 'F32', shape: [1, 4, 6], data: new Float32Array(24).fill(first) };
    const change = { data: { ...source, length: 100, variants: ['plain'] } };
    await copyFile(
      await write('one.safetensors', { 'tokens.final': tensor }, first, change),
      join(folder(), 'many', `${first}.safetensors`),
    );
  }
  const { reader } = await openFeatures(join(folder(), 'many'), many);
  const indices_B = rng(3).permutation(100);
  const { tokens } = await reader.read(
    { indices_B, variants_B: new Uint8Array(100) },
    { tokens: ['final'], attention: [] },
  );
  const values = tokens.get('final')!.data as Float32Array;
  expect(Array.from(indices_B, (_, b) => values[b * 24])).toEqual([...indices_B]);
  await reader.close();
});
