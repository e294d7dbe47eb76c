import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunEvents } from '@hastejs/core';
import { HasteError } from '@hastejs/plugin-api';
import type { CacheOptions, FilledCache } from '@hastejs/trainer';
import { captureIo, onScreen } from '#support/capture-io.js';
import { FAKE_RECIPE, fakeEngine } from '#support/fake-engine.js';
import { main } from '../main.js';

const GiB = 2 ** 30;
const plan = { teacher: 'DINOv2-B', folder: '/caches/dino', images: 2000, done: 500, bytes: 3 * GiB, free: 9 * GiB };

/** Plays the filling of one cache. */
async function play({ listen, signal }: CacheOptions, between: () => void): Promise<FilledCache[]> {
  const events = new RunEvents({ warn: () => undefined });
  listen?.(events);
  events.emit('teacher-cache:started', plan);
  events.emit('teacher-cache:advanced', { done: 1000, images: 2000 });
  between();
  const complete = !signal?.aborted;
  if (complete) events.emit('teacher-cache:advanced', { done: 2000, images: 2000 });
  events.emit('teacher-cache:ended', { teacher: plan.teacher, folder: plan.folder, complete, seconds: 61 });
  return [{ ...plan, complete, size: 4 * GiB }];
}

describe('haste teachers cache', () => {
  let cwd: string;
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'haste-cache-'));
    await writeFile(join(cwd, 'recipe.json'), JSON.stringify(FAKE_RECIPE));
  });
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  async function haste(flags: string[], { columns, between = () => undefined, cacheTeachers }: Stage = {}) {
    const io = captureIo({ cwd, env: { NO_COLOR: '1' }, ...(columns !== undefined && { columns }) });
    const signals = new EventEmitter();
    const fake = jest.fn(cacheTeachers ?? ((options: CacheOptions) => play(options, () => between(signals))));
    const engine = async () => fakeEngine({ cacheTeachers: fake });
    const code = await main(['teachers', 'cache', 'recipe.json', ...flags], { io, signals, engine, version: '0' });
    return { code, io, signals, asked: fake.mock.calls[0]?.[0] };
  }
  interface Stage {
    columns?: number;
    between?: (signals: EventEmitter) => void;
    cacheTeachers?: (options: CacheOptions) => Promise<FilledCache[]>;
  }

  it('says how much it will write and what there is, then where it is', async () => {
    const { code, io, asked, signals } = await haste(['--backend', 'cpu']);
    expect(code).toBe(0);
    expect(asked).toMatchObject({ baseDir: cwd, backend: 'cpu', recipe: { name: 'fake' } });
    expect(io.err.lines).toEqual([
      'computing the features of DINOv2-B for 1,500 images: 3.0 GiB in /caches/dino (9.0 GiB free)',
      expect.stringMatching(/^cache 2000\/2000 \(100%\) · .*images?/),
      'teacher cache complete after 1m 01s',
    ]);
    expect(io.out.text).toMatch(/^ +complete +DINOv2-B +2,000 images, 4\.0 GiB +\/caches\/dino\n$/);
    expect(signals.listenerCount('SIGINT')).toBe(0);
  });

  it('draws one line on a terminal', async () => {
    const { io } = await haste([], { columns: 60 });
    const lines = onScreen(io.err.text);
    expect(lines.filter((line) => line.startsWith('cache '))).toEqual([expect.stringMatching(/^cache █+ 2000\/2000/)]);
  });

  it('gives machines the events and the result', async () => {
    const { io } = await haste(['--json']);
    const lines = io.out.lines.map((line) => JSON.parse(line) as { event: string });
    expect(lines.map(({ event }) => event)).toEqual([
      'teacher-cache:started',
      'teacher-cache:advanced',
      'teacher-cache:advanced',
      'teacher-cache:ended',
      'teacher-caches',
    ]);
    expect(lines[0]).toEqual({ event: 'teacher-cache:started', ...plan });
    expect(io.err.text).toBe('');
  });

  it('stops at Ctrl-C and says so by its exit code', async () => {
    const { code, io } = await haste([], { between: (signals) => signals.emit('SIGINT') });
    expect(code).toBe(130);
    expect(io.err.text).toContain('finishing this batch');
    expect(io.err.text).toContain('teacher cache interrupted');
    expect(io.out.text).toMatch(/^ +interrupted/);
  });

  it('reports what the trainer refuses', async () => {
    const error = new HasteError('DISK', { what: 'It needs 4 GiB, but the disk has 3 GiB free.' });
    const { code, io } = await haste([], { cacheTeachers: () => Promise.reject(error) });
    expect(code).toBe(4);
    expect(io.err.text).toContain('It needs 4 GiB');
  });
});
