import { type HostTensor, writeSafetensors } from '@hastejs/tensor';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useTemporaryFolder, writeFiles } from '#support/images.js';
import { checkpoint, dict, savedTensor } from '#support/torch-files.js';
import { openWeights as open } from './open-weights.js';
import type { OpenWeights, WeightFile } from './weight-file.js';

const folder = useTemporaryFolder();
const at = (...names: string[]): string => join(folder(), ...names);
const tensor = (...values: number[]): HostTensor => ({
  dtype: 'F32',
  shape: [values.length],
  data: Float32Array.from(values),
});
const PICKLED = checkpoint(dict({ a: savedTensor() }));

const opened: WeightFile[] = [];
afterEach(async () => {
  for (const file of opened.splice(0)) await file.close();
});
async function openWeights(path: string, options?: OpenWeights): Promise<WeightFile> {
  const file = await open(path, options);
  opened.push(file);
  return file;
}

/** A model in two shards. @returns the path of its index. */
async function writeShards(
  map: Record<string, unknown> = { a: 'm-1.safetensors', b: 'm-2.safetensors' },
): Promise<string> {
  await writeSafetensors(at('m-1.safetensors'), { a: tensor(1), unlisted: tensor(5) }, { format: 'pt' });
  await writeSafetensors(at('m-2.safetensors'), { b: tensor(2, 3) });
  await writeFiles(folder(), { 'model.safetensors.index.json': JSON.stringify({ metadata: {}, weight_map: map }) });
  return at('model.safetensors.index.json');
}

describe('openWeights', () => {
  it('opens one safetensors file, by its own name or its folder, and reads what is asked for', async () => {
    await writeSafetensors(at('model.safetensors'), { a: tensor(1), b: tensor(2, 3) }, { by: 'haste' });
    for (const path of [at('model.safetensors'), folder()]) {
      const file = await openWeights(path);
      expect([file.path, file.files, file.metadata]).toEqual([path, [at('model.safetensors')], { by: 'haste' }]);
      expect([[...file.shapes], [...file.dtypes]]).toEqual([
        expect.arrayContaining([
          ['a', [1]],
          ['b', [2]],
        ]),
        expect.arrayContaining([['a', 'F32']]),
      ]);
      expect(await file.read(['b', 'b'])).toEqual({ b: tensor(2, 3) });
      await expect(file.read(['b', 'c', 'd'])).rejects.toThrow(/no tensor 'c', 'd'\. \[WEIGHTS_MISMATCH\]/);
    }
  });

  it('opens shards by their index or their folder, without what the index does not list', async () => {
    const index = await writeShards();
    for (const path of [index, folder()]) {
      const file = await openWeights(path);
      expect(file.files).toEqual([index, at('m-1.safetensors'), at('m-2.safetensors')]);
      expect([...file.shapes]).toEqual([
        ['a', [1]],
        ['b', [2]],
      ]);
      expect(file.metadata).toEqual({ format: 'pt' });
      expect(await file.read(['b', 'a'])).toEqual({ a: tensor(1), b: tensor(2, 3) });
    }
  });

  it.each([
    [{ a: 'm-1.safetensors', b: 'm-1.safetensors' }, /has 'b' in m-1\.safetensors, which does not hold it/],
    [{ a: 'm-3.safetensors' }, /is not there[^]*m-3\.safetensors/],
    [{ a: '../m-1.safetensors' }, /has 'a' in "\.\.\/m-1\.safetensors"/],
    [{ a: 1 }, /has 'a' in 1/],
    [{}, /no weight_map/],
  ])('refuses the index %j', async (map, message) => {
    await expect(openWeights(await writeShards(map))).rejects.toThrow(message);
  });

  it('tells a checkpoint by how it begins, whatever it is called', async () => {
    for (const name of ['weights.bin', 'weights.pth.tar', 'weights']) {
      await writeFile(at(name), PICKLED);
      const file = await openWeights(at(name));
      expect(await file.read(['a'])).toEqual({ a: tensor(1, 2) });
      expect(file.metadata).toEqual({});
      await file.close();
      await file.close();
    }
    await writeSafetensors(at('other.pth'), { b: tensor(1) });
    expect([...(await openWeights(at('other.pth'))).shapes]).toEqual([['b', [1]]]);
  });

  it('takes what is usual of a folder, its only file otherwise, and asks where there are several', async () => {
    await expect(openWeights(folder())).rejects.toThrow(/holds no weight file/);
    await writeFile(at('vit.pth'), PICKLED);
    expect((await openWeights(folder())).files).toEqual([at('vit.pth')]);
    await writeFile(at('ema.pth'), PICKLED);
    await expect(openWeights(folder())).rejects.toThrow(
      /several weight files: ema\.pth, vit\.pth\.[^]*Name the file itself/,
    );
    await writeFile(at('pytorch_model.bin'), PICKLED);
    expect((await openWeights(folder())).files).toEqual([at('pytorch_model.bin')]);
    await writeSafetensors(at('model.safetensors'), { b: tensor(1) });
    expect((await openWeights(folder())).files).toEqual([at('model.safetensors')]);
  });

  it('reads the config beside, and refuses one that is none', async () => {
    await writeFile(at('vit.pth'), PICKLED);
    expect((await openWeights(at('vit.pth'))).config).toBeNull();
    await writeFiles(folder(), { 'config.json': '{"heads": 3}' });
    expect((await openWeights(at('vit.pth'))).config).toEqual({ heads: 3 });
    await writeFiles(folder(), { 'config.json': '[3]' });
    await expect(openWeights(at('vit.pth'))).rejects.toThrow(/beside the weights cannot be read[^]*config\.json/);
  });

  it('has a fingerprint of every byte and of the entry', async () => {
    const print = async (path: string, entry?: string) => (await openWeights(path, { entry })).fingerprint();
    const index = await writeShards();
    const whole = await print(index);
    expect(await print(folder())).toBe(whole);
    await writeSafetensors(at('m-2.safetensors'), { b: tensor(2, 4) });
    expect(await print(index)).not.toBe(whole);
    const both = dict({ teacher: dict({ a: savedTensor() }), student: dict({ a: savedTensor() }) });
    await writeFile(at('both.pth'), checkpoint(both));
    expect(await print(at('both.pth'), 'teacher')).not.toBe(await print(at('both.pth'), 'student'));
  });

  it('says what is missing, cut, or of another kind', async () => {
    await expect(openWeights(at('nowhere.pth'))).rejects.toThrow(/not there\. \[WEIGHTS_UNREADABLE\][^]*nowhere\.pth/);
    await writeFile(at('page.pth'), '<!doctype html>');
    await expect(openWeights(at('page.pth'))).rejects.toThrow(/neither safetensors nor a file of torch\.save/);
    await writeFile(at('empty.pth'), '');
    await expect(openWeights(at('empty.pth'))).rejects.toThrow(/WEIGHTS_UNREADABLE/);
    await writeFile(at('short.safetensors'), 'hardly');
    await expect(openWeights(at('short.safetensors'))).rejects.toThrow(/has only 6 bytes[^]*short\.safetensors/);
    await writeSafetensors(at('a.safetensors'), { a: tensor(1) });
    await expect(openWeights(at('a.safetensors'), { entry: 'model' })).rejects.toThrow(/no entry 'model'/);
  });

  it('notices a file that changes between opening and reading', async () => {
    await writeSafetensors(at('a.safetensors'), { a: tensor(1, 2) });
    const file = await openWeights(at('a.safetensors'));
    await appendFile(at('a.safetensors'), 'more');
    await expect(file.read(['a'])).rejects.toThrow(/4 bytes follow the last tensor/);
    await writeSafetensors(at('a.safetensors'), { b: tensor(1, 2) });
    await expect(file.read(['a'])).rejects.toThrow(/was replaced while it was in use: its 'a' is another/);
  });
});
