import { HasteError } from '@hastejs/plugin-api';
import { mkdir, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RepoCache } from './cache-layout.js';
import type { HubClient } from './client.js';
import { fetchBlob, partOf } from './fetch-blob.js';
import { withLock } from './lock.js';
import type { PullEvent } from './pull-options.js';
import type { RemoteFile } from './remote-file.js';
import type { Retries } from './retries.js';
import { hasBlob } from './snapshot.js';

export interface FilesOrder {
  readonly client: HubClient;
  readonly repo: string;
  readonly commit: string;
  readonly files: readonly RemoteFile[];
  readonly cache: string;
  readonly places: RepoCache;
  readonly retries: Retries;
  readonly signal: AbortSignal;
  readonly onProgress: ((event: PullEvent) => void) | undefined;
}

/** Brings the blobs of files that are not in the cache, one after the other. @throws as {@link fetchBlob}; HasteError DISK */
export async function fetchFiles(order: FilesOrder): Promise<void> {
  const { repo, commit, files, places, onProgress, signal } = order;
  const missing = await missingOf(order);
  const bytes = sum(missing.map(({ size }) => size));
  const planned = files.map((file) => ({ path: file.path, size: file.size, here: !missing.includes(file) }));
  onProgress?.({ kind: 'planned', repo, commit, files: planned, bytes });
  await checkRoom(order, missing);
  let before = 0;
  for (const file of missing) {
    const { path, etag, size } = file;
    const blob = places.blob(etag);
    const onWait = () => onProgress?.({ kind: 'waiting', file: path });
    await withLock(places.lock(etag), { signal, onWait }, async () => {
      const start = before;
      const advance = (length: number) => onProgress?.({ kind: 'advanced', file: path, done: start + length, bytes });
      // Another process may have brought it while this one waited.
      if (await hasBlob(blob, size)) return advance(size);
      await rm(blob, { force: true });
      await fetchBlob({ ...order, file, blob, onProgress: advance });
    });
    before += size;
  }
}

/** Two paths may have the same bytes; they are fetched once. */
async function missingOf({ files, places }: FilesOrder): Promise<RemoteFile[]> {
  const missing = new Map<string, RemoteFile>();
  for (const file of files) {
    if (!(await hasBlob(places.blob(file.etag), file.size))) missing.set(file.etag, missing.get(file.etag) ?? file);
  }
  return [...missing.values()];
}

/** Better told now than after an hour. */
async function checkRoom({ cache, places }: FilesOrder, missing: readonly RemoteFile[]): Promise<void> {
  if (missing.length === 0) return;
  await mkdir(dirname(places.blob('')), { recursive: true });
  const parts = missing.map(async ({ etag }) => (await stat(partOf(places.blob(etag))).catch(() => null))?.size ?? 0);
  const needed = sum(missing.map(({ size }) => size)) - sum(await Promise.all(parts));
  const { bavail, bsize } = await statfs(cache);
  if (needed <= bavail * bsize) return;
  const gib = (count: number): string => `${(count / 2 ** 30).toFixed(1)} GiB`;
  throw new HasteError('DISK', {
    what: `The weights need ${gib(needed)}, but the disk has ${gib(bavail * bsize)} free.`,
    where: cache,
    fix: 'Make room there, or choose another cache (HF_HUB_CACHE).',
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
