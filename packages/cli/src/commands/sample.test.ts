import { EventEmitter } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ref } from '@hastejs/plugin-api';
import type { SampleOptions } from '@hastejs/trainer';
import { captureIo } from '#support/capture-io.js';
import { DATA_SPEC, FAKE_RECIPE, fakeEngine, fakeSamples } from '#support/fake-engine.js';
import { main } from '../main.js';
import { imageNames } from '../samples/draw.js';
import { chosenSampler } from './sample.js';

describe('haste sample', () => {
  let cwd: string;
  beforeEach(async () => (cwd = await mkdtemp(join(tmpdir(), 'haste-sample-'))));
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  async function haste(...argv: string[]) {
    const io = captureIo({ cwd, env: { NO_COLOR: '1' } });
    const sampleImages = jest.fn(async ({ classes = [0, 1], onProgress }: SampleOptions) => {
      onProgress?.(1, 2);
      onProgress?.(2, 2);
      return fakeSamples(classes);
    });
    const written: string[] = [];
    const path = join(cwd, 'run/checkpoints/step-00000040');
    const recipe = { ...FAKE_RECIPE, plugins: [], sampling: { sampler: { id: 'sampler/heun', with: { steps: 9 } } } };
    const fakes = {
      sampleImages,
      chooseCheckpoint: async () => ({
        folder: join(cwd, 'run'),
        path,
        runFile: { step: 40, recipe, baseDir: cwd, dataSpec: DATA_SPEC },
      }),
      writePng: async (file: string) => void written.push(file),
    };
    const code = await main(['sample', 'run', ...argv], {
      io,
      signals: new EventEmitter(),
      engine: async () => fakeEngine(fakes),
      version: '0',
    });
    return { code, io, written, path, asked: sampleImages.mock.calls[0]?.[0] };
  }

  it('draws all classes as the recipe says and writes a grid and files', async () => {
    const { code, io, written, asked, path } = await haste();
    expect(code).toBe(0);
    expect(asked).toEqual({
      host: expect.anything(),
      checkpoint: path,
      weights: 'ema',
      onProgress: expect.any(Function),
    });
    const folder = join(cwd, 'run/samples/step-40');
    const names = ['samples.png', '0-bag-000.png', '1-t-shirt-top-000.png'];
    expect(written).toEqual(names.map((name) => join(folder, name)));
    expect(await readdir(folder)).toEqual([]);
    expect(io.out.lines).toEqual([
      'done 2 images from step 40 (ema weights)',
      '  grid    run/samples/step-40/samples.png',
      '  images  run/samples/step-40',
    ]);
    expect(io.err.lines.at(-1)).toContain('sample 2/2 (100%)');
  });

  it('passes its flags on', async () => {
    const { asked, written } = await haste(
      ...['--classes', 'T-shirt/top,0', '--per-class', '3', '--sampler', 'heun', '--steps', '5', '--seed', '7'],
      ...['--guidance', '2:0:0.5', '--weights', 'raw', '--out', 'there', '--backend', 'wasm'],
    );
    expect(asked).toMatchObject({
      classes: [1, 0],
      perClass: 3,
      sampler: { kind: 'sampler', id: 'sampler/heun', with: { steps: 5 } },
      guidance: { scale: 2, low: 0, high: 0.5 },
      seed: 7,
      weights: 'raw',
      backend: 'wasm',
    });
    expect(written[0]).toBe(join(cwd, 'there/samples.png'));
  });

  it('names the classes there are', async () => {
    const { code, io, asked } = await haste('--classes', 'Shoe');
    expect(code).toBe(2);
    expect(io.err.text).toContain('0 (Bag), 1 (T-shirt/top)');
    expect(asked).toBeUndefined();
  });

  it('tells machines what it wrote', async () => {
    const { io } = await haste('--json');
    const records = io.out.lines.map((line) => JSON.parse(line) as object);
    expect(records.at(-1)).toMatchObject({
      event: 'samples',
      step: 40,
      grid: join(cwd, 'run/samples/step-40/samples.png'),
    });
    expect(io.err.text).toBe('');
  });
});

describe('the sampler', () => {
  const own: Ref<'sampler'> = { kind: 'sampler', id: 'sampler/heun', with: { steps: 9, order: 2 } };

  it.each([
    [{}, null],
    [{ steps: 5 }, { id: 'sampler/heun', with: { steps: 5, order: 2 } }],
    [{ sampler: 'heun' }, { id: 'sampler/heun', with: { steps: 9, order: 2 } }],
    [{ sampler: 'euler' }, { id: 'sampler/euler', with: { steps: 9 } }],
    [
      { sampler: 'mine/own', steps: 3 },
      { id: 'mine/own', with: { steps: 3 } },
    ],
  ])('%j with the own one in the recipe is %j', (flags, expected) => {
    expect(chosenSampler(flags, own)).toEqual(expected && { kind: 'sampler', ...expected });
  });
});

describe('imageNames', () => {
  it('counts within a class and survives any class name', () => {
    const classes = ['Ankle boot', '../../etc', '猫'];
    expect(imageNames({ labels_B: Int32Array.of(0, 0, 1, 2, 3), classes })).toEqual([
      '0-ankle-boot-000.png',
      '0-ankle-boot-001.png',
      '1-etc-000.png',
      '2-000.png',
      '3-000.png',
    ]);
  });
});
