// effect.json of a run's folder: { arm, seed, was, sessions }.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'effect.json';

/** @returns null when there is none */
export const readRecord = (folder) => readJson(join(folder, FILE));
export const writeRecord = (folder, record) => writeJson(join(folder, FILE), record);

export async function readJson(path) {
  const text = await readFile(path, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : JSON.parse(text);
}

/** Whole or not at all. */
export async function writeJson(path, value) {
  await writeFile(`${path}.draft`, `${JSON.stringify(value, null, 2)}\n`);
  await rename(`${path}.draft`, path);
}
