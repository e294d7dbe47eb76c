import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HasteError } from '@hastejs/plugin-api';
import type { TrainOptions } from '@hastejs/trainer';
import { captureIo, onScreen } from '#support/capture-io.js';
import { FAKE_RECIPE, fakeEngine, fakeReport, fakeSamples } from '#support/fake-engine.js';
import { RunEvents } from '@hastejs/core';
import { main } from '../main.js';

const BACKEND = { name: 'wasm', device: 'one thread', version: '4.22' };

/** Plays a run of two steps: what the trainer would tell, and whether it was asked to stop. */
async function play({ listen, signal, folder }: TrainOptions, between: () => void) {
  const events = new RunEvents({ warn: () => undefined });
  listen?.(events);
  events.emit('run:started', { folder, step: 0, steps: 2, backend: BACKEND, phase: 'aligning' });
  const losses = { 'loss/total': 2, 'loss/denoise': 1.5, 'align/feature': -0.25, grad_norm: 3 };
  events.emit('step:completed', { step: 1, losses, seconds: 0.25, phase: 'aligning' });
  between();
  if (signal?.aborted) return fakeReport({ status: 'interrupted', folder, step: 1, phaseChange: null });
  events.emit('phase:changed', { step: 1, reason: 'it was enough' });
  events.emit('step:completed', { step: 2, losses: { 'loss/total': 0.5 }, seconds: 0.1, phase: 'free' });
  return fakeReport({ folder });
}

describe('haste train', () => {
  let cwd: string;
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'haste-train-'));
    await writeFile(join(cwd, 'recipe.json'), JSON.stringify(FAKE_RECIPE));
  });
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  async function haste(argv: string[], { columns, engine = {}, between = () => undefined }: Stage = {}) {
    const io = captureIo({ cwd, env: { NO_COLOR: '1' }, ...(columns !== undefined && { columns }) });
    const signals = new EventEmitter();
    const train = jest.fn((options: TrainOptions) => play(options, () => between(signals)));
    const written: string[] = [];
    const fakes = {
      train,
      sampleImages: async () => fakeSamples([0, 1]),
      writePng: async (path: string) => void written.push(path),
      reportSamples: async (...report: string[]) => void written.push(...report),
      ...engine,
    };
    const code = await main(argv, { io, signals, engine: async () => fakeEngine(fakes), version: '0' });
    return { code, io, signals, written, asked: train.mock.calls[0]?.[0] };
  }
  interface Stage {
    columns?: number;
    engine?: object;
    between?: (signals: EventEmitter) => void;
  }

  it('trains into runs/<name>, draws samples and says where everything is', async () => {
    const { code, io, written, asked } = await haste(['train', 'recipe.json']);
    const folder = join(cwd, 'runs/fake');
    expect(code).toBe(0);
    expect(asked).toMatchObject({
      folder,
      baseDir: cwd,
      recipe: { name: 'fake', optimizer: { id: 'optimizer/adamw' } },
    });
    expect(asked).not.toHaveProperty('fresh');
    expect(written).toEqual([join(folder, 'samples.png'), folder, join(folder, 'samples.png')]);
    expect(io.out.lines).toEqual([
      'done 2 steps on wasm (one thread)',
      '  alignment   ended at step 1: it was enough',
      '  loss        2.000 → 0.5000',
      '  a step      0.2500 s while aligning, 0.1250 s while free',
      '  samples     runs/fake/samples.png',
      '  report      runs/fake/report.json',
      '  checkpoint  /runs/fake/checkpoints/step-00000002',
      '  draw more   npx haste sample runs/fake --per-class 4 --seed 1',
    ]);
  });

  it('shows progress on a terminal: losses, phase and why alignment ended', async () => {
    const { io } = await haste(['train', 'recipe.json'], { columns: 120 });
    const screen = onScreen(io.err.text);
    expect(screen[0]).toBe(`training in ${join(cwd, 'runs/fake')} on wasm (one thread)`);
    expect(screen[1]).toBe('alignment ends at step 1: it was enough');
    expect(screen[2]).toMatch(/^train █{24} 2\/2 .* free {2}loss 0\.5000$/);
    expect(io.err.text).toContain('aligning  loss 2.000  denoise 1.500  feature -0.2500');
    expect(io.err.text).not.toContain('grad_norm');
  });

  it('passes its flags on', async () => {
    const { asked } = await haste(['train', 'recipe.json', '--dir', 'there', '--fresh', '--backend', 'wasm']);
    expect(asked).toMatchObject({ folder: join(cwd, 'there'), fresh: true, backend: 'wasm' });
  });

  it('prints every event as a JSON line and nothing else', async () => {
    const { io } = await haste(['train', 'recipe.json', '--json']);
    const records = io.out.lines.map((line) => JSON.parse(line) as { event: string });
    expect(records.map(({ event }) => event)).toEqual([
      'run:started',
      'step:completed',
      'phase:changed',
      'step:completed',
      'report',
    ]);
    expect(records[1]).toMatchObject({ step: 1, phase: 'aligning', losses: { grad_norm: 3 } });
    expect(records.at(-1)).toMatchObject({ status: 'finished', samples: join(cwd, 'runs/fake/samples.png') });
    expect(io.err.text).toBe('');
  });

  it.each(['SIGINT', 'SIGTERM'])('saves on %s, says how to go on, and exits with 130', async (name) => {
    const { code, io, written, signals } = await haste(['train', 'recipe.json'], { between: (s) => s.emit(name) });
    expect(code).toBe(130);
    expect(io.err.text).toContain('finishing this step, then saving');
    expect(io.out.lines[0]).toBe('stopped after step 1 of 2; everything is saved');
    expect(io.out.text).toContain('npx haste resume runs/fake\n');
    expect(written).toEqual([]);
    expect(signals.eventNames()).toEqual([]);
  });

  it('does not lose the summary when only the samples fail', async () => {
    const full = async () => {
      throw new HasteError('DISK', { what: 'Full.' });
    };
    const { code, io } = await haste(['train', 'recipe.json'], { engine: { writePng: full } });
    expect(code).toBe(4);
    expect(io.out.lines[0]).toBe('done 2 steps on wasm (one thread)');
    expect(io.out.text).not.toContain('samples.png');
    expect(io.err.text).toContain('error Full. [DISK]');
  });

  it('names every fault of a recipe and trains nothing', async () => {
    await writeFile(
      join(cwd, 'bad.json'),
      JSON.stringify({ ...FAKE_RECIPE, steps: 0, seeds: 1, student: 'student/fke' }),
    );
    const { code, io, asked } = await haste(['train', 'bad.json']);
    expect(code).toBe(3);
    expect(io.err.text).toContain('[RECIPE_INVALID]');
    for (const fault of ['steps', 'seeds', 'student/fake']) expect(io.err.text).toContain(fault);
    expect(asked).toBeUndefined();
  });
});
