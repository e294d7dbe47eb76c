import type { HostTensor, SafetensorsDtype } from '@hastejs/tensor';

/** Named tensors of one model on the disk. Nothing but names, shapes and types has been read of them. */
export interface WeightFile {
  /** As it was asked for. */
  readonly path: string;
  /** Every file that belongs to it; the first holds tensors, or names the files that do. */
  readonly files: readonly string[];
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** What `read` gives. Checkpoints of PyTorch may hold other widths: float64 comes as F32, int8 and int16 as I32. */
  readonly dtypes: ReadonlyMap<string, SafetensorsDtype>;
  /** Text that a safetensors file carries with its tensors; empty for other kinds. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The `config.json` beside; null when there is none. */
  readonly config: Readonly<Record<string, unknown>> | null;
  /**
   * Reads the named tensors into host memory, and nothing else of the file.
   * @throws HasteError WEIGHTS_MISMATCH naming what is not there; WEIGHTS_UNREADABLE when the file is cut or gone.
   */
  read(names: Iterable<string>): Promise<Readonly<Record<string, HostTensor>>>;
  /** Changes when a byte of the weights does. Reads every file through: about a second for a gigabyte. */
  fingerprint(): Promise<string>;
  /** Lets go of what it holds open. Once is enough, twice does no harm. */
  close(): Promise<void>;
}

export interface OpenWeights {
  /** Which state dict of a checkpoint that holds several, such as 'teacher'; refused where there is nothing to choose. */
  readonly entry?: string | undefined;
}

/** What a format's reader gives; `openWeights` adds what all have in common. */
export type WeightReader = Pick<WeightFile, 'files' | 'shapes' | 'dtypes' | 'metadata' | 'close'> & {
  /** @param names in `shapes`, each once. */
  read(names: readonly string[]): Promise<ReadonlyMap<string, HostTensor>>;
};
