import { type Hash, createHash } from 'node:crypto';
import { HubFault } from './fault.js';

/** A file of a repository at a commit, and what its bytes must hash to. */
export interface RemoteFile {
  readonly path: string;
  readonly size: number;
  /**
   * Name of its blob in the cache: the SHA-256 of the bytes where the repository keeps large files apart (LFS, Xet), else git's
   * SHA-1 of them with their length before.
   */
  readonly etag: string;
}

/** What the hub's paths-info says of one path. */
export interface PathInfo {
  readonly path: string;
  readonly size: number;
  readonly oid?: string | undefined;
  readonly lfs?: { readonly oid: string; readonly size: number } | undefined;
}

/** @throws HubFault when it is not what a hub says: the names go into paths of the cache. */
export function remoteFile({ path, size, oid, lfs }: PathInfo): RemoteFile {
  const etag = lfs ? lfs.oid : (oid ?? '');
  const bytes = lfs ? lfs.size : size;
  if ((lfs ? SHA256 : SHA1).test(etag) && Number.isSafeInteger(bytes) && bytes >= 0) return { path, size: bytes, etag };
  throw new HubFault(`it describes '${path}' by ${JSON.stringify({ oid: etag, size: bytes })}`, null, {
    lasting: true,
  });
}

const SHA1 = /^[0-9a-f]{40}$/;
const SHA256 = /^[0-9a-f]{64}$/;

export const isSha256 = ({ etag }: RemoteFile): boolean => SHA256.test(etag);

/** Ready to take the file's bytes; its hex digest is the etag when they are right. */
export function checksum(file: RemoteFile): Hash {
  return isSha256(file) ? createHash('sha256') : createHash('sha1').update(`blob ${file.size}\0`);
}

/** A path inside a repository that stays inside a folder when it is put there. */
export function isInside(path: string): boolean {
  return !/^[/\\]|^[A-Za-z]:|\\|\0/.test(path) && path.split('/').every((part) => !['', '.', '..'].includes(part));
}
