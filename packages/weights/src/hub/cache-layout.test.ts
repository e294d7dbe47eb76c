import { homedir } from 'node:os';
import { join } from 'node:path';
import { useTemporaryFolder, writeFiles } from '#support/images.js';
import { cachedWeights, hubCacheFolder } from './cache-layout.js';

const cache = useTemporaryFolder();
const COMMIT = 'c0ffee'.padEnd(40, '0');

it.each([
  [{ HF_HUB_CACHE: '/c', HF_HOME: '/h' }, '/c'],
  [{ HUGGINGFACE_HUB_CACHE: '/old', HF_HOME: '/h' }, '/old'],
  [{ HF_HUB_CACHE: '', HF_HOME: '/h', XDG_CACHE_HOME: '/x' }, '/h/hub'],
  [{ XDG_CACHE_HOME: '/x' }, '/x/huggingface/hub'],
  [{}, join(homedir(), '.cache/huggingface/hub')],
])('the cache by %j is %s', (env, folder) => expect(hubCacheFolder(env)).toBe(folder));

it('has snapshots by commit, and by the names that they were fetched under', async () => {
  const repository = 'models--me--mine';
  await writeFiles(cache(), {
    [`${repository}/snapshots/${COMMIT}/config.json`]: '{}',
    [`${repository}/refs/main`]: `${COMMIT}\n`,
    [`${repository}/refs/refs/pr/1`]: COMMIT,
    [`${repository}/refs/gone`]: '1'.repeat(40),
  });
  const find = (revision: string, repo = 'me/mine') => cachedWeights(repo, revision, cache());
  const snapshot = join(cache(), repository, 'snapshots', COMMIT);
  expect([find('main'), find(COMMIT), find('refs/pr/1')]).toEqual([snapshot, snapshot, snapshot]);
  expect([find('v2'), find('gone'), find('1'.repeat(40)), find('main', 'me/other')]).toEqual([null, null, null, null]);
});
