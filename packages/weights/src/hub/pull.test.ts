import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, readlink, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FakeHub, gitSha1, sha256 } from '#support/fake-hub.js';
import { useTemporaryFolder, writeFiles } from '#support/images.js';
import { cachedWeights } from './cache-layout.js';
import type { PullEvent, PullOptions } from './pull-options.js';
import { pullWeights } from './pull.js';

const COMMIT = 'c0ffee'.padEnd(40, '0');
const WEIGHTS = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) >> 3));
const CONFIG = Buffer.from('{"model_type": "dinov2"}');
const REPO = 'models--me--mine';

const cache = useTemporaryFolder();
let hub: FakeHub;
beforeEach(async () => {
  hub = await FakeHub.start();
  const files = { 'model.safetensors': { bytes: WEIGHTS, large: true }, 'config.json': { bytes: CONFIG } };
  hub.repos['me/mine'] = { commit: COMMIT, refs: ['main'], files };
});
afterEach(() => hub.stop());

let events: PullEvent[] = [];
beforeEach(() => (events = []));
const pull = (options: Partial<PullOptions> = {}) =>
  pullWeights({
    repo: 'me/mine',
    revision: COMMIT,
    files: ['model.safetensors', 'config.json'],
    cacheDir: cache(),
    onProgress: (event) => events.push(event),
    ...options,
    env: options.env ?? { HF_ENDPOINT: `${hub.endpoint}/`, HF_HOME: cache() },
  });
const blob = (name: string) => join(cache(), REPO, 'blobs', name);
const part = () => `${blob(sha256(WEIGHTS))}.haste-part`;
/** Jest compares buffers number by number. */
const expectWeights = async (path: string) => expect((await readFile(path)).equals(WEIGHTS)).toBe(true);
const asked = (server: 'hub' | 'cdn') => hub.requests.filter((request) => request.server === server);
const retries = () => events.filter(({ kind }) => kind === 'retrying');

describe('a pull', () => {
  it("lays the cache out as Python's huggingface_hub does", async () => {
    const folder = await pull();
    expect(folder).toBe(join(cache(), REPO, 'snapshots', COMMIT));
    await expectWeights(join(folder, 'model.safetensors'));
    expect(await readlink(join(folder, 'model.safetensors'))).toBe(`../../blobs/${sha256(WEIGHTS)}`);
    expect(await readlink(join(folder, 'config.json'))).toBe(`../../blobs/${gitSha1(CONFIG)}`);
    expect((await readdir(join(cache(), REPO, 'blobs'))).sort()).toEqual([gitSha1(CONFIG), sha256(WEIGHTS)].sort());
    expect(cachedWeights('me/mine', COMMIT, cache())).toBe(folder);
  });

  it('asks nothing for a pinned commit that is here', async () => {
    const folder = await pull();
    hub.requests.length = 0;
    expect(await pull()).toBe(folder);
    expect(hub.requests).toEqual([]);
  });

  it('takes the commit that a branch is today, and notes it', async () => {
    await pull({ revision: 'main' });
    expect(await readFile(join(cache(), REPO, 'refs/main'), 'utf8')).toBe(COMMIT);
    const next = 'beef'.padEnd(40, '0');
    hub.repos['me/mine'] = { ...hub.repos['me/mine']!, commit: next };
    hub.requests.length = 0;
    expect(await pull({ revision: 'main' })).toBe(join(cache(), REPO, 'snapshots', next));
    expect(asked('cdn')).toEqual([]);
    expect(await readFile(join(cache(), REPO, 'refs/main'), 'utf8')).toBe(next);
  });

  it('chooses the weights and the configs beside where no files are named', async () => {
    const bytes = Buffer.from('more');
    const files = { ...hub.repos['me/mine']!.files, 'README.md': { bytes }, 'pytorch_model.bin': { bytes } };
    hub.repos['me/mine'] = { ...hub.repos['me/mine']!, files };
    const folder = await pull({ files: undefined });
    expect((await readdir(folder)).sort()).toEqual(['config.json', 'model.safetensors']);
  });

  it('fetches what is optional where it is, and asks once where it is not', async () => {
    const options = { files: ['model.safetensors'], optional: ['config.json', 'preprocessor_config.json'] };
    const folder = await pull(options);
    expect((await readdir(folder)).sort()).toEqual(['config.json', 'model.safetensors']);
    hub.requests.length = 0;
    await pull(options);
    expect(hub.requests).toEqual([]);
  });

  it('takes what another program has fetched', async () => {
    await writeFiles(cache(), { [`${REPO}/blobs/${sha256(WEIGHTS)}`]: WEIGHTS });
    const folder = await pull();
    expect(asked('cdn')).toEqual([]);
    expect(await realpath(join(folder, 'model.safetensors'))).toBe(await realpath(blob(sha256(WEIGHTS))));
  });

  it('tells what it will fetch and how far it is', async () => {
    await pull();
    const bytes = WEIGHTS.length + CONFIG.length;
    expect(events[0]).toEqual({
      kind: 'planned',
      repo: 'me/mine',
      commit: COMMIT,
      files: [
        { path: 'model.safetensors', size: WEIGHTS.length, here: false },
        { path: 'config.json', size: CONFIG.length, here: false },
      ],
      bytes,
    });
    const done = events.flatMap((event) => (event.kind === 'advanced' ? [event.done] : []));
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect([done[0], done.at(-1)]).toEqual([0, bytes]);
  });
});

describe('a pull that goes wrong', () => {
  it('goes on where the connection broke', async () => {
    hub.next(/^\/[0-9a-f]{64}$/, { kind: 'cut', after: 100_000 }, { kind: 'cut', after: 50_000 });
    const folder = await pull();
    await expectWeights(join(folder, 'model.safetensors'));
    const ranges = asked('cdn').map(({ range }) => range);
    expect(ranges[0]).toBeUndefined();
    const starts = ranges.slice(1).map((range) => Number(/^bytes=(\d+)-299999$/.exec(range!)![1]));
    expect(starts).toHaveLength(2);
    expect(starts[0]).toBeGreaterThan(0);
    expect(starts[1]).toBeGreaterThan(starts[0]!);
    expect(retries()).toHaveLength(2);
  });

  it('keeps what has arrived when it gives up, and goes on from there another time', async () => {
    hub.next(/^\/[0-9a-f]{64}$/, { kind: 'cut', after: 100_000 });
    await expect(pull({ retries: 0 })).rejects.toThrow(/WEIGHTS_PULL[^]*pull again to go on/);
    const kept = (await readFile(part())).length;
    expect(kept).toBeGreaterThan(0);
    expect(existsSync(join(cache(), REPO, 'snapshots'))).toBe(false);
    hub.requests.length = 0;
    await pull();
    expect(asked('cdn').map(({ range }) => range)).toEqual([`bytes=${kept}-299999`]);
    expect(existsSync(part())).toBe(false);
  });

  it('keeps it at Ctrl-C, too', async () => {
    const controller = new AbortController();
    const stop = ({ kind, ...event }: PullEvent) => {
      if (kind === 'advanced' && 'done' in event && event.done > 0) controller.abort(new Error('Ctrl-C'));
    };
    await expect(pull({ signal: controller.signal, onProgress: stop })).rejects.toThrow('Ctrl-C');
    const kept = (await readFile(part())).length;
    expect(kept).toBeGreaterThan(0);
    expect(await readdir(join(cache(), '.locks', REPO))).toEqual([]);
    hub.requests.length = 0;
    await expectWeights(join(await pull(), 'model.safetensors'));
    if (kept < WEIGHTS.length) expect(asked('cdn').map(({ range }) => range)).toEqual([`bytes=${kept}-299999`]);
  });

  it('begins anew where the server knows no ranges, and ends where that leads nowhere', async () => {
    await mkdir(dirname(part()), { recursive: true });
    await writeFile(part(), WEIGHTS.subarray(0, 1000));
    hub.next(/^\/[0-9a-f]{64}$/, { kind: 'no-range' });
    await expectWeights(join(await pull(), 'model.safetensors'));

    const never = Array.from({ length: 12 }, () => ({ kind: 'no-range', cut: 1000 }) as const);
    hub.repos['me/mine'] = {
      ...hub.repos['me/mine']!,
      files: { 'b.safetensors': { bytes: WEIGHTS.subarray(1), large: true } },
    };
    hub.next(/^\/[0-9a-f]{64}$/, ...never);
    await expect(pull({ files: ['b.safetensors'], retries: 2 })).rejects.toThrow(/WEIGHTS_PULL/);
    expect(asked('cdn').length).toBeLessThan(10);
  });

  it('fetches wrong bytes once more, and does not give them a name', async () => {
    hub.next(/^\/[0-9a-f]{64}$/, { kind: 'corrupt' });
    await expectWeights(join(await pull(), 'model.safetensors'));
    const other = Buffer.from('other weights');
    hub.repos['me/mine'] = { ...hub.repos['me/mine']!, commit: '1'.repeat(40), files: { 'o.bin': { bytes: other } } };
    hub.next(/o\.bin$/, { kind: 'corrupt' }, { kind: 'corrupt' });
    const wrong = pull({ revision: '1'.repeat(40), files: ['o.bin'] });
    await expect(wrong).rejects.toThrow(new RegExp(`its SHA-1 is not ${gitSha1(other)}[^]*o\\.bin`));
    expect((await readdir(join(cache(), REPO, 'blobs'))).filter((name) => name.startsWith(gitSha1(other)))).toEqual([]);
  });

  it('throws away a part that an earlier day has spoilt', async () => {
    await mkdir(dirname(part()), { recursive: true });
    await writeFile(part(), Buffer.alloc(1000));
    await expectWeights(join(await pull(), 'model.safetensors'));
  });

  it('tries again what passes: 429, 500 and silence', async () => {
    const soon = { 'retry-after': '0' };
    hub.next(
      /paths-info/,
      { kind: 'status', status: 429, headers: soon },
      { kind: 'status', status: 500, headers: soon },
    );
    hub.next(/^\/[0-9a-f]{64}$/, { kind: 'silent' });
    await pull({ env: { HF_ENDPOINT: hub.endpoint, HF_HUB_DOWNLOAD_TIMEOUT: '0.5' } });
    // On a busy machine more than the one may be silent for so long.
    expect(retries()).toEqual(
      expect.arrayContaining([
        { kind: 'retrying', reason: 'status 429', seconds: 0 },
        { kind: 'retrying', reason: 'status 500', seconds: 0 },
        { kind: 'retrying', reason: 'it was silent for 0.5 seconds', seconds: 0.2 },
      ]),
    );
  });

  it.each([
    [
      '429 for an hour',
      { kind: 'status', status: 429, headers: { 'retry-after': '3600' } },
      /too many requests[^]*Wait/,
    ],
    ['500 for good', { kind: 'status', status: 500, headers: { 'retry-after': '0' } }, /The hub fails[^]*Try later/],
    ['401', { kind: 'status', status: 401 }, /not show it to everybody[^]*me\/mine[^]*HF_TOKEN/],
    ['404', { kind: 'status', status: 404 }, /no such thing/],
    ['nonsense', { kind: 'cut', after: 0 }, /cannot be reached/],
  ] as const)('says what to do about %s', async (_, what, words) => {
    hub.next(/^\/me/, what, what);
    const small = pull({ files: ['config.json'], retries: 1 });
    await expect(small).rejects.toThrow(words);
    await expect(small).rejects.toMatchObject({ code: 'WEIGHTS_PULL' });
  });

  it('does not ask a proxy again that answers with a page', async () => {
    hub.next(/revision/, { kind: 'page' }, { kind: 'page' });
    await expect(pull({ revision: 'main' })).rejects.toThrow(/does not answer as it should[^]*not valid JSON/);
    expect(hub.requests).toHaveLength(1);
  });

  it('says that the cache cannot be written', async () => {
    const cacheDir = join(cache(), 'file', 'hub');
    await writeFiles(cache(), { file: '' });
    await expect(pull({ cacheDir })).rejects.toThrow(/ENOTDIR[^]*\[DISK\][^]*HF_HUB_CACHE/);
  });

  it('says that nobody answers', async () => {
    const env = { HF_ENDPOINT: hub.endpoint };
    await hub.stop();
    await expect(pull({ env, retries: 0 })).rejects.toThrow(/cannot be reached[^]*ECONNREFUSED[^]*HF_ENDPOINT/);
    hub = await FakeHub.start();
  });

  it('names a file, a revision or a repository that is not there', async () => {
    await expect(pull({ files: ['model.safetensor'] })).rejects.toThrow(/commit has no model\.safetensor\./);
    await expect(pull({ revision: 'v9' })).rejects.toThrow(/Invalid rev id: v9/);
    await expect(pull({ repo: 'me/other' })).rejects.toThrow(/Check the name me\/other/);
    await expect(pull({ files: ['../up'] })).rejects.toThrow(/USAGE/);
    await expect(pull({ endpoint: 'nowhere' })).rejects.toThrow(/USAGE[^]*HF_ENDPOINT/);
  });

  it('refuses other weights than the known ones before it fetches any', async () => {
    const sum = 'a'.repeat(64);
    await expect(pull({ sha256: { 'model.safetensors': sum } })).rejects.toThrow(
      new RegExp(`${sha256(WEIGHTS)} instead of ${sum}`),
    );
    expect(asked('cdn')).toEqual([]);
    await pull({ sha256: { 'model.safetensors': sha256(WEIGHTS) } });
  });

  it('does not let a server name files outside of the cache', async () => {
    const bytes = Buffer.from('evil');
    hub.repos['me/mine'] = { commit: COMMIT, files: { '../../../evil.safetensors': { bytes } } };
    await expect(pull({ files: undefined })).rejects.toThrow(/WEIGHTS_PULL/);
  });
});

describe('gated weights', () => {
  beforeEach(() => (hub.repos['me/mine'] = { ...hub.repos['me/mine']!, tokens: ['secret'] }));

  it('need a token, which is told to the hub alone', async () => {
    await expect(pull()).rejects.toThrow(
      /does not let everybody[^]*Access is restricted[^]*Agree[^]*me\/mine[^]*HF_TOKEN/,
    );
    await expect(pull({ token: 'of another' })).rejects.toThrow(/the account of this token/);
    await pull({ env: { HF_ENDPOINT: hub.endpoint, HF_TOKEN: ' secret\n' } });
    expect(asked('hub').at(-1)!.authorization).toBe('Bearer secret');
    expect(asked('cdn').map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it('take the token of a login', async () => {
    await writeFiles(cache(), { token: 'secret\n', 'elsewhere/token': 'secret' });
    await pull();
    await pull({ env: { HF_ENDPOINT: hub.endpoint, HF_TOKEN_PATH: join(cache(), 'elsewhere/token') } });
  });
});

describe('offline', () => {
  const env = { HF_HUB_OFFLINE: 'ON' };

  it('looks into the cache alone', async () => {
    await expect(pull({ env })).rejects.toThrow(/not in the cache[^]*HF_HUB_OFFLINE/);
    const folder = await pull({ revision: 'main' });
    hub.requests.length = 0;
    expect(await pull({ env, revision: 'main', optional: ['preprocessor_config.json'] })).toBe(folder);
    await expect(pull({ env, files: ['other.bin'] })).rejects.toThrow(/other\.bin of me\/mine/);
    expect(hub.requests).toEqual([]);
  });
});

describe('pulls at once', () => {
  it('wait for each other and fetch once', async () => {
    let release = () => undefined as void;
    hub.next(/^\/[0-9a-f]{64}$/, { kind: 'hold', until: new Promise((resolve) => (release = resolve)) });
    const onProgress = ({ kind }: PullEvent) => (kind === 'waiting' ? release() : undefined);
    const [first, second] = await Promise.all([pull({ onProgress }), pull({ onProgress })]);
    expect(first).toBe(second);
    expect(asked('cdn')).toHaveLength(1);
    expect(await readdir(join(cache(), '.locks', REPO))).toEqual([]);
  });

  it("takes a dead process' lock over", async () => {
    const dead = { pid: 2 ** 22 + 1, host: (await import('node:os')).hostname() };
    await writeFiles(cache(), { [`.locks/${REPO}/${sha256(WEIGHTS)}.haste.lock`]: JSON.stringify(dead) });
    await pull();
    expect(events.some(({ kind }) => kind === 'waiting')).toBe(false);
  });
});
