import { HasteError, contentFingerprint } from '@hastejs/plugin-api';
import { type HostTensor, type SafetensorsDtype, readSafetensors, readSafetensorsHeader } from '@hastejs/tensor';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Named tensors of a model on the disk. */
export interface WeightFile {
  readonly path: string;
  readonly files: readonly string[];
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly dtypes: ReadonlyMap<string, SafetensorsDtype>;
  /** Reads the named tensors into host memory. */
  read(names: Iterable<string>): Promise<Readonly<Record<string, HostTensor>>>;
  /** The config.json beside; null: not read here. */
  readonly config: Readonly<Record<string, unknown>> | null;
  /** Changes when a byte of the weights does. */
  fingerprint(): Promise<string>;
  close(): Promise<void>;
}

/**
 * Opens a safetensors file, or the `model.safetensors` of a folder; no data is read before `read`.
 * @throws HasteError WEIGHTS_UNREADABLE
 */
export async function openWeights(path: string): Promise<WeightFile> {
  const inside = join(path, 'model.safetensors');
  const file = existsSync(inside) ? inside : path;
  try {
    const { entries } = await readSafetensorsHeader(file);
    return {
      path,
      files: [file],
      shapes: new Map(entries.map(({ name, shape }) => [name, shape])),
      dtypes: new Map(entries.map(({ name, dtype }) => [name, dtype])),
      read: async (names) => {
        const { tensors } = await readSafetensors(file);
        return Object.fromEntries([...names].map((name) => [name, tensors.get(name)!]));
      },
      config: null,
      fingerprint: () => contentFingerprint(file),
      close: async () => undefined,
    };
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new HasteError('WEIGHTS_UNREADABLE', {
      what: missing ? 'The weight file is not there.' : (cause as Error).message,
      where: path,
      fix: "Name a .safetensors file, or a folder that holds one; relative paths start at the recipe's folder.",
      cause,
    });
  }
}

/**
 * The snapshot of a repository in the cache that programs of the Hugging Face hub share (HF_HUB_CACHE, or `hub` in HF_HOME), or
 * null. Looks at files only.
 * @param revision a commit, or a branch or tag that was fetched under its name.
 */
export function cachedWeights(repo: string, revision: string): string | null {
  const { HF_HUB_CACHE: cache, HF_HOME: home = join(homedir(), '.cache/huggingface') } = process.env;
  const folder = join(cache ?? join(home, 'hub'), `models--${repo.replaceAll('/', '--')}`);
  const ref = join(folder, 'refs', revision);
  const snapshot = join(folder, 'snapshots', existsSync(ref) ? readFileSync(ref, 'utf8').trim() : revision);
  return existsSync(snapshot) ? snapshot : null;
}
