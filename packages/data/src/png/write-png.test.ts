import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useTemporaryFolder } from '#support/images.js';
import sharp from 'sharp';
import { writePng } from './write-png.js';

describe('writePng', () => {
  const folder = useTemporaryFolder();

  it.each([
    [1, 'b-w'],
    [3, 'srgb'],
  ])('writes exactly the pixels given, %i channels', async (channels, space) => {
    const data_HWC = Uint8Array.from({ length: 6 * channels }, (_, i) => i * 13);
    const path = join(folder(), 'a.png');
    await writePng(path, { width: 3, height: 2, channels, data_HWC });
    expect(await sharp(path).metadata()).toMatchObject({ format: 'png', width: 3, height: 2, channels, space });
    expect([...(await sharp(path).toColourspace(space).raw().toBuffer())]).toEqual([...data_HWC]);
  });

  it('refuses pixels that do not fill the image', async () => {
    const image = { width: 3, height: 2, channels: 3, data_HWC: new Uint8Array(17) };
    await expect(writePng('a.png', image)).rejects.toThrow(
      'A PNG of 2×3×3 (height × width × channels) cannot be made of 17 values. [SHAPE_MISMATCH]',
    );
  });

  it('says when it cannot write, and leaves neither a half-written nor a temporary file', async () => {
    const pixel = { width: 1, height: 1, channels: 1, data_HWC: new Uint8Array(1) };
    await expect(writePng(join(folder(), 'none', 'a.png'), pixel)).rejects.toMatchObject({
      code: 'DISK',
      what: 'A file cannot be written (ENOENT).',
      where: join(folder(), 'none', 'a.png'),
    });
    const taken = join(folder(), 'taken.png');
    await mkdir(taken);
    await writeFile(join(taken, 'inside'), 'kept');
    await expect(writePng(taken, pixel)).rejects.toMatchObject({ code: 'DISK', where: taken });
    expect(await readdir(folder())).toEqual(['taken.png']);
    expect(await readFile(join(taken, 'inside'), 'utf8')).toBe('kept');
  });
});
