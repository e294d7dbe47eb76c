import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFiles } from '#support/images.js';
import type { PullEvent } from './pull-options.js';
import { FakeHub, gitSha1, sha256 } from '#support/fake-hub.js';
import { LARGE, REPO, WEIGHTS, expectWeights, usePullStage } from '#support/pull-stage.js';

const stage = usePullStage();
const { cache, pull, part, asked, inRepo, retries } = stage;

describe('a pull that goes wrong', () => {
  it('goes on where the connection broke', async () => {
    stage.hub.next(LARGE, { kind: 'cut', after: 100_000 }, { kind: 'cut', after: 50_000 });
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
    stage.hub.next(LARGE, { kind: 'cut', after: 100_000 });
    await expect(pull({ retries: 0 })).rejects.toThrow(/WEIGHTS_PULL[^]*pull again to go on/);
    const kept = (await readFile(part())).length;
    expect(kept).toBeGreaterThan(0);
    expect(existsSync(inRepo('snapshots'))).toBe(false);
    stage.hub.requests.length = 0;
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
    stage.hub.requests.length = 0;
    await expectWeights(join(await pull(), 'model.safetensors'));
    if (kept < WEIGHTS.length) expect(asked('cdn').map(({ range }) => range)).toEqual([`bytes=${kept}-299999`]);
  });

  it('begins anew where the server knows no ranges, and ends where that leads nowhere', async () => {
    await mkdir(dirname(part()), { recursive: true });
    await writeFile(part(), WEIGHTS.subarray(0, 1000));
    stage.hub.next(LARGE, { kind: 'no-range' });
    await expectWeights(join(await pull(), 'model.safetensors'));

    const never = Array.from({ length: 12 }, () => ({ kind: 'no-range', cut: 1000 }) as const);
    stage.change({ files: { 'b.safetensors': { bytes: WEIGHTS.subarray(1), large: true } } });
    stage.hub.next(LARGE, ...never);
    await expect(pull({ files: ['b.safetensors'], retries: 2 })).rejects.toThrow(/WEIGHTS_PULL/);
    expect(asked('cdn').length).toBeLessThan(10);
  });

  it('fetches wrong bytes once more, and does not give them a name', async () => {
    stage.hub.next(LARGE, { kind: 'corrupt' });
    await expectWeights(join(await pull(), 'model.safetensors'));
    const reason = 'what arrived is not model.safetensors, by its checksum';
    expect(retries()).toEqual([{ kind: 'retrying', reason, seconds: 0 }]);
    const other = Buffer.from('other weights');
    stage.change({ commit: '1'.repeat(40), files: { 'o.bin': { bytes: other } } });
    stage.hub.next(/o\.bin$/, { kind: 'corrupt' }, { kind: 'corrupt' });
    const wrong = pull({ revision: '1'.repeat(40), files: ['o.bin'] });
    await expect(wrong).rejects.toThrow(new RegExp(`its SHA-1 is not ${gitSha1(other)}[^]*o\\.bin`));
    expect((await readdir(inRepo('blobs'))).filter((name) => name.startsWith(gitSha1(other)))).toEqual([]);
  });

  it('throws away a part that an earlier day has spoilt', async () => {
    await mkdir(dirname(part()), { recursive: true });
    await writeFile(part(), Buffer.alloc(1000));
    await expectWeights(join(await pull(), 'model.safetensors'));
  });

  it('tries again what passes: 429, 500 and silence', async () => {
    const soon = { 'retry-after': '0' };
    stage.hub.next(
      /paths-info/,
      { kind: 'status', status: 429, headers: soon },
      { kind: 'status', status: 500, headers: soon },
    );
    stage.hub.next(LARGE, { kind: 'silent' });
    await pull({ env: { HF_ENDPOINT: stage.hub.endpoint, HF_HUB_DOWNLOAD_TIMEOUT: '0.5' } });
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
    stage.hub.next(/^\/me/, what, what);
    const small = pull({ files: ['config.json'], retries: 1 });
    await expect(small).rejects.toThrow(words);
    await expect(small).rejects.toMatchObject({ code: 'WEIGHTS_PULL' });
  });

  it('does not ask a proxy again that answers with a page', async () => {
    stage.hub.next(/revision/, { kind: 'page' }, { kind: 'page' });
    await expect(pull({ revision: 'main' })).rejects.toThrow(/does not answer as it should[^]*not valid JSON/);
    expect(stage.hub.requests).toHaveLength(1);
  });

  it('says that the cache cannot be written', async () => {
    const cacheDir = join(cache(), 'file', 'hub');
    await writeFiles(cache(), { file: '' });
    await expect(pull({ cacheDir })).rejects.toThrow(/ENOTDIR[^]*\[DISK\][^]*HF_HUB_CACHE/);
  });

  it('says that nobody answers', async () => {
    const env = { HF_ENDPOINT: stage.hub.endpoint };
    await stage.hub.stop();
    await expect(pull({ env, retries: 0 })).rejects.toThrow(/cannot be reached[^]*ECONNREFUSED[^]*HF_ENDPOINT/);
    stage.hub = await FakeHub.start();
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
    stage.change({ files: { '../../../evil.safetensors': { bytes } } });
    await expect(pull({ files: undefined })).rejects.toThrow(/no weights under a usual name/);
    expect(await readdir(cache())).toEqual([]);
  });
});
