import { HasteError } from '@hastejs/plugin-api';
import { type HubClient, RangeIgnored } from './client.js';
import { HubFault } from './fault.js';
import { Part } from './part.js';
import type { RemoteFile } from './remote-file.js';
import type { Retries } from './retries.js';

export interface BlobOrder {
  readonly client: HubClient;
  readonly repo: string;
  readonly commit: string;
  readonly file: RemoteFile;
  /** Where the blob goes. */
  readonly blob: string;
  readonly retries: Retries;
  /** Called with the number of bytes that are here. */
  onProgress(length: number): void;
}

/** What an earlier pull has left of a blob. Python's own `.incomplete` is left alone: it may be written right now. */
export const partOf = (blob: string): string => `${blob}.haste-part`;

/**
 * Brings one blob into the cache: goes on where an earlier pull stopped, tries again what passes, and checks every byte. What has
 * arrived stays when it fails, unless it is wrong.
 * @throws HasteError WEIGHTS_PULL for wrong bytes; HubFault; the signal's reason; the file system's error.
 */
export async function fetchBlob(order: BlobOrder): Promise<void> {
  const part = await Part.open(partOf(order.blob), order.file);
  try {
    await complete(part, order);
    if (!part.matches()) {
      // What was there may be of an earlier day and disk; what came now is asked for once more.
      order.retries.tell(`what arrived is not ${order.file.path}, by its checksum`);
      await part.empty();
      await complete(part, order);
    }
    if (!part.matches()) {
      await part.remove();
      throw corrupt(order);
    }
    await part.settle(order.blob);
  } finally {
    await part.close();
  }
}

async function complete(part: Part, order: BlobOrder): Promise<void> {
  const { client, repo, commit, file, retries, onProgress } = order;
  onProgress(part.length);
  // A server that starts over and breaks off each time makes no progress.
  let furthest = part.length;
  while (!part.whole) {
    try {
      for await (const bytes of client.bytes(repo, commit, file, part.length)) {
        await part.append(bytes);
        if (part.length > furthest) retries.succeed();
        furthest = Math.max(furthest, part.length);
        onProgress(part.length);
      }
      if (!part.whole) throw new HubFault(`it ended '${file.path}' at byte ${part.length} of ${file.size}`, null);
    } catch (error) {
      if (error instanceof RangeIgnored) await part.empty();
      await retries.after(error);
    }
  }
}

function corrupt({ repo, file }: BlobOrder): HasteError {
  return new HasteError('WEIGHTS_PULL', {
    what: `What arrives is not the file: its ${file.etag.length === 64 ? 'SHA-256' : 'SHA-1'} is not ${file.etag}.`,
    where: `${repo}: ${file.path}`,
    fix: 'It was fetched twice and thrown away. Pull again; if it stays so, a proxy or mirror (HF_ENDPOINT) changes it.',
  });
}
