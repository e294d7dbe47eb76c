import { readFile, readdir, readlink, realpath } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { writeFiles } from '#support/images.js';
import { cachedWeights } from './cache-layout.js';
import type { PullEvent } from './pull-options.js';
import { gitSha1, sha256 } from '#support/fake-hub.js';
import { CONFIG, COMMIT, LARGE, REPO, WEIGHTS, expectWeights, usePullStage } from '#support/pull-stage.js';

const stage = usePullStage();
const { cache, pull, blob, asked, inRepo } = stage;

describe('a pull', () => {
  it("lays the cache out as Python's huggingface_hub does", async () => {
    const folder = await pull();
    expect(folder).toBe(inRepo('snapshots', COMMIT));
    await expectWeights(join(folder, 'model.safetensors'));
    expect(await readlink(join(folder, 'model.safetensors'))).toBe(`../../blobs/${sha256(WEIGHTS)}`);
    expect(await readlink(join(folder, 'config.json'))).toBe(`../../blobs/${gitSha1(CONFIG)}`);
    expect((await readdir(inRepo('blobs'))).sort()).toEqual([gitSha1(CONFIG), sha256(WEIGHTS)].sort());
    expect(cachedWeights('me/mine', COMMIT, cache())).toBe(folder);
  });

  it('asks nothing for a pinned commit that is here', async () => {
    const folder = await pull();
    stage.hub.requests.length = 0;
    expect(await pull()).toBe(folder);
    expect(stage.hub.requests).toEqual([]);
  });

  it('takes the commit that a branch is today, and notes it', async () => {
    await pull({ revision: 'main' });
    expect(await readFile(inRepo('refs/main'), 'utf8')).toBe(COMMIT);
    const next = 'beef'.padEnd(40, '0');
    stage.change({ commit: next });
    stage.hub.requests.length = 0;
    expect(await pull({ revision: 'main' })).toBe(inRepo('snapshots', next));
    expect(asked('cdn')).toEqual([]);
    expect(await readFile(inRepo('refs/main'), 'utf8')).toBe(next);
  });

  it('chooses the weights and the configs beside where no files are named', async () => {
    const bytes = Buffer.from('more');
    const files = { ...stage.hub.repos['me/mine']!.files, 'README.md': { bytes }, 'pytorch_model.bin': { bytes } };
    stage.change({ files });
    const folder = await pull({ files: undefined });
    expect((await readdir(folder)).sort()).toEqual(['config.json', 'model.safetensors']);
  });

  it('fetches what is optional where it is, and asks once where it is not', async () => {
    const options = { files: ['model.safetensors'], optional: ['config.json', 'preprocessor_config.json'] };
    const folder = await pull(options);
    expect((await readdir(folder)).sort()).toEqual(['config.json', 'model.safetensors']);
    stage.hub.requests.length = 0;
    await pull(options);
    expect(stage.hub.requests).toEqual([]);
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
    expect(stage.events[0]).toEqual({
      kind: 'planned',
      repo: 'me/mine',
      commit: COMMIT,
      files: [
        { path: 'model.safetensors', size: WEIGHTS.length, here: false },
        { path: 'config.json', size: CONFIG.length, here: false },
      ],
      bytes,
    });
    const done = stage.events.flatMap((event) => (event.kind === 'advanced' ? [event.done] : []));
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect([done[0], done.at(-1)]).toEqual([0, bytes]);
  });
});

describe('gated weights', () => {
  beforeEach(() => stage.change({ tokens: ['secret'] }));

  it('need a token, which is told to the hub alone', async () => {
    await expect(pull()).rejects.toThrow(
      /does not let everybody[^]*Access is restricted[^]*Agree[^]*me\/mine[^]*HF_TOKEN/,
    );
    await expect(pull({ token: 'of another' })).rejects.toThrow(/the account of this token/);
    await pull({ env: { HF_ENDPOINT: stage.hub.endpoint, HF_TOKEN: ' secret\n' } });
    expect(asked('hub').at(-1)!.authorization).toBe('Bearer secret');
    expect(asked('cdn').map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it('take the token of a login', async () => {
    await writeFiles(cache(), { token: 'secret\n', 'elsewhere/token': 'secret' });
    await pull();
    await pull({ env: { HF_ENDPOINT: stage.hub.endpoint, HF_TOKEN_PATH: join(cache(), 'elsewhere/token') } });
  });
});

describe('offline', () => {
  const env = { HF_HUB_OFFLINE: 'ON' };

  it('looks into the cache alone', async () => {
    await expect(pull({ env })).rejects.toThrow(/not in the cache[^]*HF_HUB_OFFLINE/);
    const folder = await pull({ revision: 'main' });
    stage.hub.requests.length = 0;
    expect(await pull({ env, revision: 'main', optional: ['preprocessor_config.json'] })).toBe(folder);
    await expect(pull({ env, files: ['other.bin'] })).rejects.toThrow(/other\.bin of me\/mine/);
    expect(stage.hub.requests).toEqual([]);
  });
});

describe('pulls at once', () => {
  it('wait for each other and fetch once', async () => {
    let release = () => undefined as void;
    stage.hub.next(LARGE, { kind: 'hold', until: new Promise((resolve) => (release = resolve)) });
    const onProgress = ({ kind }: PullEvent) => (kind === 'waiting' ? release() : undefined);
    const [first, second] = await Promise.all([pull({ onProgress }), pull({ onProgress })]);
    expect(first).toBe(second);
    expect(asked('cdn')).toHaveLength(1);
    expect(await readdir(join(cache(), '.locks', REPO))).toEqual([]);
  });

  it("takes a dead process' lock over", async () => {
    const dead = { pid: 2 ** 22 + 1, host: hostname() };
    await writeFiles(cache(), { [`.locks/${REPO}/${sha256(WEIGHTS)}.haste.lock`]: JSON.stringify(dead) });
    await pull();
    expect(stage.events.some(({ kind }) => kind === 'waiting')).toBe(false);
  });
});
