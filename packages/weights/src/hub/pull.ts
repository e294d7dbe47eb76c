import { HasteError } from '@hastejs/plugin-api';
import { type RepoCache, cachedCommit, isCommit, repoCache } from './cache-layout.js';
import { chooseFiles } from './choose-files.js';
import { HubClient } from './client.js';
import { HubFault, explain } from './fault.js';
import { fetchFiles } from './fetch-files.js';
import type { PullOptions } from './pull-options.js';
import { type RemoteFile, isInside, isSha256 } from './remote-file.js';
import { Retries } from './retries.js';
import { type HubSettings, hubSettings } from './settings.js';
import { isComplete, linkIntoSnapshot, noteAbsent, writeRef } from './snapshot.js';

const RETRIES = 5;
const REPO = /^[\w.-]+\/[\w.-]+$/;

/** What is pulled, once names are checked and defaults filled in. */
interface Pull extends PullOptions {
  readonly revision: string;
  readonly optional: readonly string[];
  readonly settings: HubSettings;
  readonly places: RepoCache;
}

/**
 * Brings files of a repository of the Hugging Face hub into the cache that all its programs share, and answers the folder of the
 * snapshot. What is there already is not fetched again (a pinned commit asks nothing at all); a download that was cut goes on
 * where it stopped; every byte is held against the hub's checksum before it gets its name. Pulls of several processes wait for each
 * other. Offline, the cache alone is looked into.
 * @throws HasteError WEIGHTS_PULL saying what the hub refuses, or what arrives wrong; DISK; USAGE for names that make no sense; the
 * signal's reason when it stops.
 */
export async function pullWeights(options: PullOptions): Promise<string> {
  const settings = await hubSettings(options);
  const { repo, revision = 'main', optional = [] } = options;
  const pull: Pull = { ...options, revision, optional, settings, places: repoCache(settings.cache, repo) };
  checkNames(pull);
  const here = alreadyHere(pull);
  if (here !== null) return here;
  if (settings.offline) throw offline(pull);
  try {
    return await bring(pull);
  } catch (error) {
    if (error instanceof HubFault) throw explain(error, { ...settings, repo, revision });
    throw isSystemError(error) ? disk(error, settings.cache) : error;
  }
}

/** The snapshot when nothing need be asked: the commit is known, and what is wanted of it is there. */
function alreadyHere({ revision, files, optional, settings, places }: Pull): string | null {
  const commit = settings.offline || isCommit(revision) ? cachedCommit(places, revision) : null;
  if (commit === null) return null;
  // Offline, what a commit does not have cannot be known; without names, a snapshot that is there is as whole as it gets.
  if (settings.offline) return isComplete(places, commit, files ?? [], []) ? places.snapshot(commit) : null;
  return files && isComplete(places, commit, files, optional) ? places.snapshot(commit) : null;
}

async function bring(pull: Pull): Promise<string> {
  const { repo, revision, settings, places, signal = new AbortController().signal, onProgress } = pull;
  const retries = new Retries(pull.retries ?? RETRIES, signal, (retry) => onProgress?.({ kind: 'retrying', ...retry }));
  const client = new HubClient(settings, signal);
  const { commit, wanted } = await retries.until(() => ask(client, pull));
  const files = await retries.until(() => client.describe(repo, commit, [...wanted, ...pull.optional]));
  check(pull, commit, wanted, files);
  await fetchFiles({ client, repo, commit, files, cache: settings.cache, places, retries, signal, onProgress });
  // At the end, and the weights last: where they are under their name, all is.
  for (const { path, etag } of files.toReversed())
    await linkIntoSnapshot(places.snapshot(commit), path, places.blob(etag));
  const has = new Set(files.map(({ path }) => path));
  for (const path of pull.optional) if (!has.has(path)) await noteAbsent(places.absent(commit, path));
  if (!isCommit(revision)) await writeRef(places.ref(revision), commit);
  return places.snapshot(commit);
}

/** The commit, and the files where none were named. */
async function ask(
  client: HubClient,
  { repo, revision, files }: Pull,
): Promise<{ commit: string; wanted: readonly string[] }> {
  if (files && isCommit(revision)) return { commit: revision, wanted: files };
  const { commit, paths } = await client.revision(repo, revision);
  const wanted = files ?? chooseFiles(paths);
  if (wanted) return { commit, wanted };
  throw new HasteError('WEIGHTS_PULL', {
    what: 'The repository has no weights under a usual name (model.safetensors, pytorch_model.bin).',
    where: `${repo} at ${revision}`,
    fix: `Fetch the file by hand and name its path; it has ${paths.slice(0, 20).join(', ')}.`,
  });
}

/** What is promised before anything is fetched: every file is there, and is the one that is known. */
function check(
  { repo, sha256 = {} }: Pull,
  commit: string,
  wanted: readonly string[],
  files: readonly RemoteFile[],
): void {
  const has = new Map(files.map((file) => [file.path, file]));
  const missing = wanted.filter((path) => !has.has(path));
  if (missing.length > 0) {
    throw new HasteError('WEIGHTS_PULL', {
      what: `The commit has no ${missing.join(', ')}.`,
      where: `${repo} at ${commit}`,
      fix: 'Look at the files of the repository on the hub, and name those that it has.',
    });
  }
  for (const [path, sum] of Object.entries(sha256)) {
    const file = has.get(path);
    if (!file || !isSha256(file) || file.etag === sum) continue;
    throw new HasteError('WEIGHTS_PULL', {
      what: `The hub offers other weights than are known: SHA-256 ${file.etag} instead of ${sum}.`,
      where: `${repo} at ${commit}: ${path}`,
      fix: 'Do not use them before you know why; a mirror (HF_ENDPOINT) may offer others than the hub itself.',
    });
  }
}

function checkNames({ repo, revision, files = [], optional }: Pull): void {
  const fine = REPO.test(repo) && isInside(repo) && isInside(revision) && [...files, ...optional].every(isInside);
  if (fine) return;
  throw new HasteError('USAGE', {
    what: `'${repo}' at '${revision}' names no repository of the hub, or a file outside of it.`,
    fix: 'Name it as owner/name, a commit, branch or tag of it, and files by their paths inside.',
  });
}

function offline({ repo, revision, files, settings }: Pull): HasteError {
  return new HasteError('WEIGHTS_PULL', {
    what: `${files ? files.join(', ') : 'The weights'} of ${repo} at ${revision} are not in the cache, and HF_HUB_OFFLINE forbids to ask.`,
    where: settings.cache,
    fix: 'Unset HF_HUB_OFFLINE once to fetch them, or copy the cache from a machine that has them (HF_HUB_CACHE says where).',
  });
}

/** The network's errors are faults of the hub by now: what is left is the file system's. */
const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  typeof (error as NodeJS.ErrnoException | null)?.syscall === 'string';

function disk(error: NodeJS.ErrnoException, cache: string): HasteError {
  return new HasteError('DISK', {
    what: `The cache of weights cannot be written: ${error.message}.`,
    where: error.path ?? cache,
    fix: 'Make room, or choose another folder (HF_HUB_CACHE). What has arrived is kept; pull again to go on.',
    cause: error,
  });
}
