import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '@hastejs/core';
import { sampleImages } from '@hastejs/trainer';
import { tf } from '@hastejs/tensor';
import { forEachBackend } from '#support/backends.js';
import { type ToyRun, temporaryFolder, toyHost, toyRecipe, toyTrain } from '#support/toy-run.js';

const folder = temporaryFolder();
const TENSORS = ['params', 'ema', 'optimizer', 'alignment'];

/** The tensor files of the newest checkpoint, byte for byte. */
const weightsOf = ({ report }: ToyRun) =>
  Promise.all(TENSORS.map((name) => readFile(join(report.checkpoints.at(-1)!.path, `${name}.safetensors`), 'hex')));

forEachBackend('a run', (backend) => {
  let host: Host;
  let whole: ToyRun;
  const recipe = () => toyRecipe({ backend: { kind: 'backend', id: `backend/${backend}`, with: {} } });

  beforeAll(async () => {
    host = await toyHost();
    whole = await toyTrain(host, recipe(), { folder: folder.path(backend, 'whole') });
  });
  afterAll(() => host.close());

  it('lets go where its trigger says, and leaves no tensor behind', () => {
    expect(whole.report.phaseChange).toEqual({ step: 5, reason: expect.stringContaining('5') });
    expect(whole.losses.size).toBe(10);
    expect(whole.losses.get(5)).toHaveProperty('align/feature');
    expect(whole.losses.get(6)).not.toHaveProperty('align/feature');
    expect(tf.memory().numTensors).toBe(0);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])('cut after step %i, goes on bit for bit', async (cut) => {
    const place = folder.path(backend, `cut-${cut}`);
    const abort = AbortSignal.abort();
    const first = await toyTrain(host, recipe(), {
      folder: place,
      ...(cut === 0 ? { signal: abort } : { stopAfter: cut }),
    });
    expect(first.report).toMatchObject({ status: 'interrupted', step: cut });

    const second = await toyTrain(host, recipe(), { folder: place, resume: true });
    expect(new Map([...first.losses, ...second.losses])).toEqual(whole.losses);
    expect(await weightsOf(second)).toEqual(await weightsOf(whole));
    expect(second.report.phaseChange).toEqual(whole.report.phaseChange);
    expect(second.report.losses).toEqual(whole.report.losses);
  });

  it('draws the same samples after a cut', async () => {
    const draw = (name: string) =>
      sampleImages({
        host,
        checkpoint: folder.path(backend, name),
        perClass: 1,
        sampler: { kind: 'sampler', id: 'sampler/euler', with: { steps: 3 } },
      });
    const [uncut, cut] = [await draw('whole'), await draw('cut-5')];
    expect(Buffer.from(cut.images_BCHW).equals(Buffer.from(uncut.images_BCHW))).toBe(true);
    expect(new Set(uncut.images_BCHW).size).toBeGreaterThan(10);
  });
});
