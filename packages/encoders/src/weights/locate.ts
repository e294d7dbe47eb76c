import { type Files, HasteError } from '@hastejs/plugin-api';
import { cachedWeights } from '@hastejs/weights';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CATALOGUE, findPublished } from '../catalogue/catalogue.js';
import type { PublishedWeights } from '../catalogue/published.js';

/** Weights that are on this machine. */
export interface LocatedWeights {
  /** A file, or a folder that holds one model. */
  readonly path: string;
  /** What a person would call them. */
  readonly label: string;
  /** What the catalogue knows of them, if they are from there. */
  readonly published: PublishedWeights | null;
}

/** Looks into the shared cache of the hub, without network: the folder of a snapshot, or null. */
export type CacheLookup = (repo: string, revision: string) => string | null;

const HUB = /^hf:([\w.-]+\/[\w.-]+)(?:@([\w./-]+))?$/;

/** What `hf:owner/name@revision` means; null for other words. The revision is 'main' unless said. */
export function hubName(weights: string): { readonly repo: string; readonly revision: string } | null {
  const [, repo, revision = 'main'] = HUB.exec(weights) ?? [];
  return repo === undefined ? null : { repo, revision };
}

/**
 * Finds what the option `weights` names: an id of the catalogue, `hf:owner/name@revision` (revision: 'main' unless said), or
 * a path. Published weights are looked for in the hub's cache alone: training never downloads. A file that has the name of
 * a catalogue entry is meant by './name'.
 * @throws HasteError WEIGHTS_UNREADABLE that says how to get them.
 */
export function locateWeights(
  weights: string,
  files: Pick<Files, 'resolve'>,
  lookup: CacheLookup = cachedWeights,
): LocatedWeights {
  const published = findPublished(weights);
  if (published) {
    const folder = lookup(published.repo, published.revision);
    const path = folder && join(folder, published.files[0]);
    // A snapshot may be there without its weights: of a pull that was cut off, or of another program that wanted less.
    if (path === null || !existsSync(path))
      throw absent(weights, `${published.repo} at ${published.revision}`, weights);
    return { path, label: published.id, published };
  }
  const named = hubName(weights);
  if (named) {
    const { repo, revision } = named;
    const folder = lookup(repo, revision);
    if (folder === null) throw absent(weights, `${repo} at ${revision}`, weights);
    const known = CATALOGUE.find((entry) => entry.repo === repo && entry.revision === revision);
    return { path: folder, label: `${repo}@${revision.slice(0, 8)}`, published: known ?? null };
  }
  if (weights.startsWith('hf:')) throw unreadableName(weights);
  const path = files.resolve(weights);
  if (existsSync(path)) return { path, label: basename(path), published: null };
  throw missing(weights, path);
}

function absent(where: string, what: string, id: string): HasteError {
  return new HasteError('WEIGHTS_UNREADABLE', {
    what: `The weights of ${what} are not in the cache of this machine, and training downloads nothing.`,
    where,
    fix: `Fetch them once: haste teachers pull ${id}`,
  });
}

function unreadableName(where: string): HasteError {
  return new HasteError('WEIGHTS_UNREADABLE', {
    what: `'${where}' names no repository of the hub.`,
    where,
    fix: 'Write hf:owner/name, or hf:owner/name@revision.',
  });
}

function missing(weights: string, path: string): HasteError {
  const bare = !/[/\\.]/.test(weights);
  return new HasteError('WEIGHTS_UNREADABLE', {
    what: `The weight file is not there${bare ? ', and no published encoder has that name' : ''}.`,
    where: path,
    fix: bare
      ? `Published are ${CATALOGUE.map(({ id }) => id).join(', ')}; a path may be given instead, relative to the recipe's folder.`
      : "Name a weight file, or a folder that holds one; relative paths start at the recipe's folder.",
  });
}
