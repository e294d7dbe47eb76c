// The layout of Python's huggingface_hub, so that both share one cache (its documentation, "Manage huggingface_hub
// cache-system"):
//   models--<owner>--<name>/refs/<branch or tag>      the commit that it meant when it was fetched
//   models--<owner>--<name>/blobs/<etag>              bytes; the etag is the file's SHA-256 (LFS) or git's SHA-1 of it
//   models--<owner>--<name>/snapshots/<commit>/<path> links into blobs
//   models--<owner>--<name>/.no_exist/<commit>/<path> empty: the commit has no such file
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

const COMMIT = /^[0-9a-f]{40}$/;
/** What is not a bare commit is looked up among the refs. */
export const isCommit = (revision: string): boolean => COMMIT.test(revision);

/** HF_HUB_CACHE, else `hub` in HF_HOME, else in XDG_CACHE_HOME/huggingface, else in ~/.cache/huggingface. */
export function hubCacheFolder(env: Environment = process.env): string {
  return env['HF_HUB_CACHE'] || env['HUGGINGFACE_HUB_CACHE'] || join(hubHome(env), 'hub');
}

/** Where the token of `hf auth login` is kept, too. */
export function hubHome(env: Environment = process.env): string {
  return env['HF_HOME'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'huggingface');
}

/** Places of one repository in a cache. */
export interface RepoCache {
  readonly blob: (etag: string) => string;
  readonly ref: (revision: string) => string;
  readonly snapshot: (commit: string) => string;
  readonly absent: (commit: string, path: string) => string;
  /** Haste's own: Python's locks are flocks, which Node has not. */
  readonly lock: (etag: string) => string;
}

export function repoCache(cache: string, repo: string): RepoCache {
  const name = `models--${repo.replaceAll('/', '--')}`;
  return {
    blob: (etag) => join(cache, name, 'blobs', etag),
    ref: (revision) => join(cache, name, 'refs', revision),
    snapshot: (commit) => join(cache, name, 'snapshots', commit),
    absent: (commit, path) => join(cache, name, '.no_exist', commit, path),
    lock: (etag) => join(cache, '.locks', name, `${etag}.haste.lock`),
  };
}

/** The commit of which the cache has a snapshot. @param revision a commit, or a branch or tag that was fetched under its name. */
export function cachedCommit(places: RepoCache, revision: string): string | null {
  const ref = places.ref(revision);
  const commit = !isCommit(revision) && existsSync(ref) ? readFileSync(ref, 'utf8').trim() : revision;
  return existsSync(places.snapshot(commit)) ? commit : null;
}

/**
 * The snapshot of a repository in the cache that programs of the Hugging Face hub share, or null. Looks at files only.
 * @param revision a commit, or a branch or tag that was fetched under its name.
 */
export function cachedWeights(repo: string, revision: string, cache = hubCacheFolder()): string | null {
  const places = repoCache(cache, repo);
  const commit = cachedCommit(places, revision);
  return commit === null ? null : places.snapshot(commit);
}
