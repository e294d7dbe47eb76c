import { EventEmitter } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureIo } from '#support/capture-io.js';
import { FAKE_RECIPE, fakeEngine } from '#support/fake-engine.js';
import { main } from '../main.js';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'haste-plot-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

async function plot(...argv: string[]) {
  const io = captureIo({ cwd, env: { NO_COLOR: '1' } });
  const steps = new Map([[1, { 'loss/total': 1, grad_norm: 2 }], [2, { 'loss/total': 3, grad_norm: 4 }]]); // prettier-ignore
  const engine = {
    readRunRecord: async (folder: string) => ({ folder, recipe: FAKE_RECIPE }),
    readRunLog: async () => ({ steps, last: 2, aligned: 0, complete: true }),
  };
  const code = await main(['plot', ...argv], {
    io,
    signals: new EventEmitter(),
    engine: async () => fakeEngine(engine),
    version: '0',
  });
  return { code, out: io.out.lines, err: io.err.text };
}

describe('haste plot', () => {
  it('writes a plot into the run folder and says where', async () => {
    const { code, out } = await plot('.');
    expect(code).toBe(0);
    expect(out).toEqual(['2 charts of 2 steps', '  plot  plot.svg']);
    expect(await readFile(join(cwd, 'plot.svg'), 'utf8')).toContain('grad_norm');
  });

  it('draws what is named, elsewhere, and tells machines', async () => {
    const { out } = await plot('.', 'loss/*', '--out', 'only.svg', '--json');
    expect(out.map((line) => JSON.parse(line))).toEqual([
      { event: 'plot', folder: cwd, steps: 2, charts: ['loss/total'], plot: join(cwd, 'only.svg') },
    ]);
    expect(await readFile(join(cwd, 'only.svg'), 'utf8')).not.toContain('grad_norm');
  });

  it('says what there is when nothing has the name, and writes nothing', async () => {
    const { code, err } = await plot('.', 'losses');
    expect(code).not.toBe(0);
    expect(err).toContain('The run logged nothing called losses.');
    expect(err).toContain('loss/total, grad_norm');
    expect(await readdir(cwd)).toEqual([]);
  });
});
