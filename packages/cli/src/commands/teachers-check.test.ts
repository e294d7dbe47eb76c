import { EventEmitter } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { tf } from '@hastejs/tensor';
import { captureIo } from '#support/capture-io.js';
import { useTemporaryFolder } from '#support/images.js';
import { checkpointOf } from '#support/torch-files.js';
import { PUBLISHED_FORMS, tensorsOfForm, writeForm } from '#support/vit-files.js';
import { engine } from '../engine.js';
import { main } from '../main.js';

const cwd = useTemporaryFolder();
const SHIRT = 'haste:fashion-mnist-teacher';

async function haste(...argv: string[]) {
  const io = captureIo({ cwd: cwd(), env: { NO_COLOR: '1' } });
  const surroundings = { io, signals: new EventEmitter(), engine: async () => engine, version: '0' };
  const code = await main(['teachers', 'check', ...argv, '--backend', 'wasm'], surroundings);
  return { code, out: io.out, err: io.err };
}
const colours = async (picture: string) =>
  new Set(
    await sharp(await readFile(join(cwd(), picture)))
      .raw()
      .toBuffer(),
  ).size;

describe('haste teachers check', () => {
  afterEach(() => expect(tf.memory().numTensors).toBe(0));

  it('draws what the shipped teacher sees in a garment', async () => {
    const { code, out, err } = await haste(SHIRT);
    expect([code, err.text]).toEqual([0, '']);
    expect(out.text).toMatch(/fashion-mnist-teacher[^]*4 blocks, width 96, 4 heads[^]*28×28 pixels, 7×7 patches/);
    const shown = /show (\d+)%, (\d+)%, (\d+)%/.exec(out.text)!.slice(1).map(Number);
    // A trained encoder tells the garment from what is behind it with one direction; noise would share evenly.
    expect(shown[0]).toBeGreaterThan(50);
    expect(await colours('teacher-check.png')).toBeGreaterThan(50);
  });

  it('takes an own image, a block, heads and a size, and tells machines', async () => {
    await writeFile(
      join(cwd(), 'own.png'),
      await sharp({ create: { width: 40, height: 30, channels: 3, background: 'red' } })
        .png()
        .toBuffer(),
    );
    const given = [
      '--image',
      'own.png',
      '--block',
      '1',
      '--heads',
      '3,0',
      '--size',
      '16',
      '--out',
      'own-check.png',
      '--json',
    ];
    const { code, out } = await haste(SHIRT, ...given);
    expect(code).toBe(0);
    const record = JSON.parse(out.lines.at(-1)!) as object;
    const picture = join(cwd(), 'own-check.png');
    expect(record).toMatchObject({ event: 'teacher-check', block: 1, grid: { height: 4, width: 4 }, picture });
  });

  it('shows an encoder of colours the shipped photograph, and warns where it had to guess', async () => {
    const timm = PUBLISHED_FORMS.find(({ form }) => form.family === 'timm')!;
    const { code, err, out } = await haste(await writeForm(cwd(), timm), '--size', '32');
    expect(code).toBe(0);
    expect(err.text).toMatch(/nothing says how images of a timm file are normalised/);
    expect(out.text).toContain('(timm)');
  });

  it('reads a PyTorch checkpoint, by its entry', async () => {
    const timm = PUBLISHED_FORMS.find(({ form }) => form.family === 'timm')!;
    await writeFile(join(cwd(), 'run.pth'), checkpointOf(tensorsOfForm(timm)));
    const { code, out } = await haste('run.pth', '--entry', 'model', '--size', '32');
    expect([code, out.text]).toEqual([0, expect.stringContaining('run.pth (timm)')]);
    const refused = await haste('run.pth', '--entry', 'ema');
    expect([refused.code, refused.err.text]).toEqual([3, expect.stringMatching(/under 'ema'; choose[^]*'model'/)]);
  });

  it.each([
    [['--block', '4'], 2, /no block 4[^]*blocks 0 to 3/],
    [['--heads', '0,9'], 2, /no head 9[^]*heads 0 to 3/],
    [['--size', '30'], 2, /no whole number of patches of 4[^]*Take 32/],
    [['--image', 'nowhere.png'], 3, /image cannot be read[^]*nowhere\.png/],
  ])('refuses %j', async (flags, code, message) => {
    const { code: actual, err } = await haste(SHIRT, ...flags);
    expect(err.text).toMatch(message);
    expect(actual).toBe(code);
  });
});
