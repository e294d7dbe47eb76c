// What a run was. Arms are compared only where everything else is the same, and this file is what says so.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../support/errors.mjs';

const ROOT = join(import.meta.dirname, '../..');
/** Packages that no number of a run or score passes through. */
const NOT_COMPUTED = ['cli'];

/** A digest of the built code that trains and scores: it changes when, and only when, a number might. */
export function codeVersion(root = ROOT) {
  const hash = createHash('sha256');
  for (const group of ['packages', 'plugins']) {
    for (const name of readdirSync(join(root, group)).toSorted()) {
      if (NOT_COMPUTED.includes(name)) continue;
      for (const file of scriptsIn(join(root, group, name, 'dist'))) {
        hash.update(`${group}/${name}/${file}\0`).update(readFileSync(join(root, group, name, 'dist', file)));
      }
    }
  }
  return hash.digest('hex').slice(0, 16);
}

function scriptsIn(folder) {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = all.filter((entry) => entry.isFile() && entry.name.endsWith('.js'));
  return files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).toSorted();
}

/**
 * Refuses runs that differ in anything but their arm. Seeds may differ, but every arm must have the same.
 * @param records of every run {{ arm, seed, was }}; `was` is what its folder says.
 * @throws BenchError naming the runs, what differs, and both values
 */
export function refuseMixed(records) {
  const [first] = records;
  for (const record of records) {
    refuseDifferent(first, record, { ...first.was, recipe: shared(first) }, { ...record.was, recipe: shared(record) });
    const same = records.find((other) => other.arm === record.arm);
    refuseDifferent(same, record, same.was.recipe.alignment, record.was.recipe.alignment, 'recipe.alignment');
  }
  refuseOtherTerms(records);
  refuseMissingSeeds(records);
}

/** The recipe without what makes the arm, and without the seed. */
function shared({ was }) {
  const { name: _name, seed: _seed, alignment: _arm, ...rest } = was.recipe;
  return rest;
}

/** A term is the same in every arm that has it, and so is its teacher. */
function refuseOtherTerms(records) {
  const terms = new Map();
  for (const record of records) {
    const { until: _until, terms: own = {}, ...rest } = record.was.recipe.alignment ?? {};
    for (const [name, term] of Object.entries(own)) {
      const known = terms.get(name) ?? { record, all: { term, rest } };
      terms.set(name, known);
      refuseDifferent(known.record, record, known.all, { term, rest }, `alignment.${name}`);
    }
  }
}

function refuseMissingSeeds(records) {
  const seedsOf = (arm) =>
    records
      .filter((record) => record.arm === arm)
      .map(({ seed }) => seed)
      .toSorted((a, b) => a - b)
      .join(', ');
  const [first] = records;
  const odd = records.find(({ arm }) => seedsOf(arm) !== seedsOf(first.arm));
  if (!odd) return;
  throw new BenchError(
    `${first.arm} has seeds ${seedsOf(first.arm)}, and ${odd.arm} has ${seedsOf(odd.arm)}: arms must have the same.`,
  );
}

/** @throws BenchError for the first values that differ */
export function refuseDifferent(a, b, was, is, where = '') {
  const [place, one, other] = firstDifference(was, is, where) ?? [];
  if (place === undefined) return;
  throw new BenchError(
    `These runs cannot be compared: they differ in ${place}.\n` +
      `  ${nameOf(a)}: ${JSON.stringify(one)}\n  ${nameOf(b)}: ${JSON.stringify(other)}\n` +
      'Choose another --folder, or remove the run that is not of this study.',
  );
}

export const nameOf = ({ arm, seed }) => `${arm}, seed ${seed}`;

/** @returns [where, a, b], or null where both are the same plain data */
export function firstDifference(a, b, where = '') {
  if (a === b) return null;
  const objects = [a, b].every((value) => typeof value === 'object' && value !== null);
  if (!objects || Array.isArray(a) !== Array.isArray(b)) return [where, a, b];
  for (const key of [...new Set([...Object.keys(a), ...Object.keys(b)])].toSorted()) {
    const found = firstDifference(a[key], b[key], where ? `${where}.${key}` : key);
    if (found) return found;
  }
  return null;
}
