import { type HostTensor, type SafetensorsDtype, readSafetensors, readSafetensorsHeader } from '@hastejs/tensor';
import { HasteError, contentFingerprint } from '@hastejs/plugin-api';
import { stat } from 'node:fs/promises';

export interface WeightFile {
  readonly path: string;
  readonly files: readonly string[];
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly dtypes: ReadonlyMap<string, SafetensorsDtype>;
  read(names: Iterable<string>): Promise<Readonly<Record<string, HostTensor>>>;
  readonly config: Readonly<Record<string, unknown>> | null;
  fingerprint(): Promise<string>;
  close(): Promise<void>;
}

export async function openWeights(path: string): Promise<WeightFile> {
  try {
    await stat(path);
    const { entries } = await readSafetensorsHeader(path);
    return {
      path,
      files: [path],
      shapes: new Map(entries.map(({ name, shape }) => [name, shape])),
      dtypes: new Map(entries.map(({ name, dtype }) => [name, dtype])),
      read: async (names) => {
        const { tensors } = await readSafetensors(path);
        return Object.fromEntries([...names].map((name) => [name, tensors.get(name)!]));
      },
      config: null,
      fingerprint: () => contentFingerprint(path),
      close: async () => undefined,
    };
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new HasteError('WEIGHTS_UNREADABLE', {
      what: missing ? 'The weight file is not there.' : (cause as Error).message,
      where: path,
      fix: "Name a .safetensors file; relative paths start at the recipe's folder.",
      cause,
    });
  }
}

export const cachedWeights = (_repo: string, _revision: string): string | null => null;
