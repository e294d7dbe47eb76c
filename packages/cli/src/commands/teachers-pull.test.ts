import type { PublishedWeights } from '@hastejs/encoders';
import { pullWeights } from '@hastejs/weights';
import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { captureIo, onScreen } from '#support/capture-io.js';
import { fakeEngine } from '#support/fake-engine.js';
import { FakeHub, sha256 } from '#support/fake-hub.js';
import { useTemporaryFolder } from '#support/images.js';
import { main } from '../main.js';

const COMMIT = 'c0ffee'.padEnd(40, '0');
const WEIGHTS = Buffer.alloc(3 * 2 ** 20, 'weights');
const encoder = (id: string, more: Partial<PublishedWeights> = {}): PublishedWeights => ({
  id,
  teacher: 'teacher/dino',
  family: 'dinov2-hf',
  summary: `The ${id} one`,
  repo: `me/${id}`,
  revision: COMMIT,
  files: ['model.safetensors', 'config.json', 'preprocessor_config.json'],
  licence: 'MIT',
  terms: 'Be kind.',
  citation: 'Me, Mine, 2025',
  normalisation: 'imagenet',
  ...more,
});
const catalogue = [
  encoder('mine', { sha256: { 'model.safetensors': sha256(WEIGHTS) } }),
  encoder('gated', { gated: true }),
  encoder('sight', { teacher: 'teacher/clip' }),
];

const cwd = useTemporaryFolder();
let hub: FakeHub;
beforeEach(async () => {
  hub = await FakeHub.start();
  const files = { 'model.safetensors': { bytes: WEIGHTS, large: true }, 'config.json': { bytes: Buffer.from('{}') } };
  hub.repos['me/mine'] = { commit: COMMIT, refs: ['v1'], files };
  hub.repos['me/gated'] = { commit: COMMIT, files, tokens: ['yours'] };
});
afterEach(() => hub.stop());

interface Stage {
  readonly env?: Record<string, string>;
  readonly columns?: number;
  readonly signals?: EventEmitter;
  readonly pull?: typeof pullWeights;
}

async function haste(argv: string[], { env = {}, columns, signals, pull = pullWeights }: Stage = {}) {
  const hubEnv = { HF_ENDPOINT: hub.endpoint, HF_HOME: cwd(), NO_COLOR: '1', ...env };
  const io = captureIo({ cwd: cwd(), env: hubEnv, ...(columns !== undefined && { columns }) });
  const engine = async () => fakeEngine({ catalogue, pullWeights: pull });
  const code = await main(['teachers', ...argv], { io, signals: signals ?? new EventEmitter(), engine, version: '0' });
  const records = () => io.out.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { code, io, records };
}
const snapshot = (id = 'mine') => `hub/models--me--${id}/snapshots/${COMMIT}`;

describe('haste teachers pull', () => {
  it('fetches weights, and says how to use them and under which terms', async () => {
    const { code, io } = await haste(['pull', 'mine']);
    expect(io.err.lines).toEqual([
      'fetching model.safetensors, config.json of me/mine at c0ffee00: 3.0 MiB into hub',
      expect.stringMatching(/^pull 3\.0 MiB\/3\.0 MiB \(100%\)/),
    ]);
    expect(code).toBe(0);
    expect(io.out.lines).toEqual([
      `weights  ${snapshot()}`,
      "recipe   dino({ weights: 'mine' })",
      'licence  MIT. Be kind.',
      'cite     Me, Mine, 2025',
    ]);
    expect((await readFile(join(cwd(), snapshot(), 'model.safetensors'))).equals(WEIGHTS)).toBe(true);
    const again = await haste(['pull', 'mine']);
    expect([again.code, again.io.err.text, again.io.out.text]).toEqual([0, '', io.out.text]);
  });

  it('draws one line on a terminal, and tells what it tries again', async () => {
    hub.next(/^\/[0-9a-f]{64}$/, { kind: 'cut', after: 2 ** 20 });
    const { io } = await haste(['pull', 'mine'], { columns: 80 });
    const lines = onScreen(io.err.text);
    expect(lines.filter((line) => line.startsWith('pull '))).toEqual([
      expect.stringMatching(/^pull █+ 3\.0 MiB\/3\.0 MiB/),
    ]);
    expect(io.err.text).toMatch(/; trying again in 0\.2 s\n/);
  });

  it('takes several, and any repository of the hub', async () => {
    const { code, io } = await haste(['pull', 'hf:me/mine@v1', 'gated'], { env: { HF_TOKEN: 'yours' } });
    expect([code, io.out.lines[0]]).toEqual([0, `weights  ${snapshot()}`]);
    expect(io.out.lines).toContain(`weights  ${snapshot('gated')}`);
    expect(await readFile(join(cwd(), 'hub/models--me--mine/refs/v1'), 'utf8')).toBe(COMMIT);
  });

  it('gives machines the events and the result', async () => {
    const { io, records } = await haste(['pull', 'mine', '--json']);
    const names = records().map(({ event }) => event);
    expect([names[0], names[1], names.at(-1)]).toEqual(['pull:planned', 'pull:advanced', 'pulled']);
    expect(records().at(-1)).toMatchObject({ repo: 'me/mine', id: 'mine', folder: join(cwd(), snapshot()) });
    expect(names.length).toBeLessThan(110);
    expect(io.err.text).toBe('');
  });

  it('keeps what has arrived at Ctrl-C, and goes on from there', async () => {
    const signals = new EventEmitter();
    const interrupted: typeof pullWeights = (options) =>
      pullWeights({
        ...options,
        onProgress: (event) => {
          options.onProgress?.(event);
          if (event.kind === 'advanced' && event.done > 2 ** 18) signals.emit('SIGINT');
        },
      });
    const { code, io } = await haste(['pull', 'mine'], { signals, pull: interrupted });
    expect(code).toBe(130);
    expect(io.err.text).toContain('stopping; what has arrived is kept');
    expect(signals.listenerCount('SIGINT')).toBe(0);
    const again = await haste(['pull', 'mine']);
    expect(again.code).toBe(0);
    expect(again.io.err.text).toMatch(/going on after the \d+\.\d [KM]iB that are here/);
  });

  it.each([
    [['pull', 'gated'], 4, /Agree to its terms at [^]*me\/gated/],
    [['pull', 'sight'], 4, /Check the name me\/sight/],
    [['pull', 'mine', 'thine'], 2, /'thine' is neither[^]*Ids are mine, gated, sight\./],
  ])('%j is refused before or by the hub', async (argv, code, words) => {
    const { code: actual, io } = await haste(argv);
    expect(io.err.text).toMatch(words);
    expect(actual).toBe(code);
    expect(io.out.text).toBe('');
  });
});

describe('haste teachers list', () => {
  it('tells what there is by teacher, and what is here', async () => {
    await haste(['pull', 'mine']);
    const { code, io } = await haste(['list']);
    expect(code).toBe(0);
    expect(io.out.lines).toEqual([
      'teacher/dino',
      '  ✓  mine   The mine one   MIT',
      '     gated  The gated one  MIT; its terms must be agreed to on the hub',
      '',
      'teacher/clip',
      '     sight  The sight one  MIT',
      '',
      '✓ is here, in hub. haste teachers pull <id> fetches the others.',
    ]);
    expect((await haste([])).io.out.text).toBe(io.out.text);
  });

  it('gives machines all that is known of each', async () => {
    const { records } = await haste(['list', '--json']);
    const recipe = "dino({ weights: 'mine' })";
    expect(records()[0]).toEqual({ event: 'encoder', ...catalogue[0], recipe, folder: null });
    expect(records()).toHaveLength(3);
  });
});
