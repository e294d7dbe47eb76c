import { writeSafetensors } from '@hastejs/tensor';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useTemporaryFolder, writeFiles } from '#support/images.js';
import { cachedWeights, openWeights } from './weight-file.js';

const folder = useTemporaryFolder();

it('opens a file, or the folder that holds it', async () => {
  const path = join(folder(), 'model.safetensors');
  await writeSafetensors(path, { a: { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) } });
  for (const given of [path, folder()]) {
    const file = await openWeights(given);
    expect([file.path, file.files, [...file.shapes]]).toEqual([given, [path], [['a', [2]]]]);
    expect((await file.read(['a']))['a']!.data).toEqual(Float32Array.of(1, 2));
    await file.close();
  }
  await writeFile(path, 'hardly');
  await expect(openWeights(path)).rejects.toThrow(/WEIGHTS_UNREADABLE/);
});

describe('the cache of the hub', () => {
  const before = { ...process.env };
  afterEach(() => (process.env = before));

  it('has snapshots by commit, and by the names that they were fetched under', async () => {
    process.env = { ...before, HF_HOME: folder() };
    delete process.env['HF_HUB_CACHE'];
    const repository = 'hub/models--me--mine';
    await mkdir(join(folder(), repository, 'snapshots/c0ffee'), { recursive: true });
    await writeFiles(folder(), { [`${repository}/refs/main`]: 'c0ffee' });
    const snapshot = join(folder(), repository, 'snapshots/c0ffee');
    expect([cachedWeights('me/mine', 'main'), cachedWeights('me/mine', 'c0ffee')]).toEqual([snapshot, snapshot]);
    expect([cachedWeights('me/mine', 'v2'), cachedWeights('me/other', 'main')]).toEqual([null, null]);
    process.env['HF_HUB_CACHE'] = join(folder(), 'hub');
    expect(cachedWeights('me/mine', 'main')).toBe(snapshot);
  });
});
