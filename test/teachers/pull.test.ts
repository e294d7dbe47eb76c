// `haste teachers pull` as a process of its own, against a hub on this machine.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeHub } from '#support/fake-hub.js';
import { HasteProcess, haste, records } from '#support/haste.js';
import { useTemporaryFolder } from '#support/images.js';

const MEBI = 2 ** 20;
const WEIGHTS = Buffer.alloc(3 * MEBI, 'weights');
const LARGE = /^\/[0-9a-f]{64}$/;
const PULL = ['teachers', 'pull', 'hf:me/mine', '--json'];

const home = useTemporaryFolder();
let hub: FakeHub;
beforeEach(async () => {
  hub = await FakeHub.start();
  const files = { 'model.safetensors': { bytes: WEIGHTS, large: true }, 'config.json': { bytes: Buffer.from('{}') } };
  hub.repos['me/mine'] = { commit: 'c0ffee'.padEnd(40, '0'), refs: ['main'], files };
});
afterEach(() => hub.stop());

// A busy machine may start the second process slowly, while the first is kept waiting.
const options = () => ({
  cwd: home(),
  env: { HF_ENDPOINT: hub.endpoint, HF_HOME: home(), HF_HUB_DOWNLOAD_TIMEOUT: '120' },
});
const ofLarge = () => hub.requests.filter(({ server }) => server === 'cdn');
const repository = () => join(home(), 'hub/models--me--mine');
const hasArrived = ({ stdout }: HasteProcess) =>
  records(stdout.slice(0, stdout.lastIndexOf('\n') + 1)).some(({ done }) => Number(done) >= MEBI / 2);

async function expectPulled(stdout: string): Promise<void> {
  const { folder } = records(stdout).at(-1)!;
  expect((await readFile(join(folder as string, 'model.safetensors'))).equals(WEIGHTS)).toBe(true);
  expect(await readdir(join(repository(), 'blobs'))).toHaveLength(2);
}

it.each([
  ['SIGINT', 130],
  ['SIGKILL', null],
] as const)('goes on where %s stopped it', async (signal, code) => {
  hub.next(LARGE, { kind: 'stall', after: MEBI });
  const first = new HasteProcess(PULL, options());
  await first.until(hasArrived);
  first.child.kill(signal);
  expect((await first.finished).code).toBe(code);
  expect(await readdir(repository())).toEqual(['blobs']);

  const { code: second, stdout } = await haste(PULL, options());
  expect(second).toBe(0);
  await expectPulled(stdout);
  const [whole, rest] = ofLarge();
  expect(whole!.range).toBeUndefined();
  expect(Number(/^bytes=(\d+)-/.exec(rest!.range!)![1])).toBeGreaterThanOrEqual(MEBI / 2);
});

it('is fetched once by two processes', async () => {
  let release = () => undefined as void;
  hub.next(LARGE, { kind: 'hold', until: new Promise((resolve) => (release = resolve)) });
  const both = [new HasteProcess(PULL, options()), new HasteProcess(PULL, options())];
  const waits = ({ stdout }: HasteProcess) => stdout.includes('"pull:waiting"');
  await Promise.race(both.map((process) => process.until(waits)));
  release();
  for (const { finished } of both) {
    const { code, stdout } = await finished;
    expect(code).toBe(0);
    await expectPulled(stdout);
  }
  expect(ofLarge()).toHaveLength(1);
});
