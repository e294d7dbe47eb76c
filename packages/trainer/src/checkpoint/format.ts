import { createHash } from 'node:crypto';
import type { Recipe } from '@hastejs/core';
import type { DataSpec, OptimizerState } from '@hastejs/plugin-api';
import type { Params } from '@hastejs/tensor';
import type { HistoryState } from '../history.js';
import type { Phase } from '../phase.js';
import type { StepTimesState } from '../step-times.js';

/** Everything a run is, besides its tensors. Plain data: it is `run.json` of a checkpoint. */
export interface RunState {
  /** Number of completed steps. */
  readonly step: number;
  /** Governs the next step. */
  readonly phase: Phase;
  readonly recipe: Recipe;
  /** Where the recipe's relative paths start: an absolute folder. */
  readonly baseDir: string;
  /** The file it was read from, which may bring plugins that have no name to import them by; null for a program's recipe. */
  readonly recipeFile: string | null;
  readonly backend: { readonly name: string; readonly device: string; readonly version: string };
  /** What the data set promised; sampling needs its shape and class names, not its images. */
  readonly dataSpec: DataSpec;
  readonly history: HistoryState;
  readonly stepTimes: StepTimesState;
  /** The checkpoint that it was forked from, and its step; absent: it began by itself. */
  readonly forkedFrom?: { readonly path: string; readonly step: number };
  /** Checkpoints saved so far, so that a resumed run reports them too. */
  readonly checkpoints: readonly CheckpointRecord[];
}

export interface CheckpointRecord {
  readonly step: number;
  /** Folder name under `checkpoints/`. */
  readonly name: string;
  readonly reason: string;
}

/** The tensors of a checkpoint: one safetensors file each. */
export interface RunTensors {
  /** Student parameters under their released names. */
  readonly params: Params;
  readonly ema: Params;
  /** Projector parameters; empty in phase II. */
  readonly alignment: Params;
  readonly optimizer: OptimizerState;
}

export interface FileRecord {
  readonly bytes: number;
  readonly sha256: string;
}

export interface RunFile extends RunState {
  readonly format: 'haste-checkpoint';
  readonly version: 1;
  readonly files: Readonly<Record<string, FileRecord>>;
  /** sha256 over the canonical text of all other fields. */
  readonly checksum: string;
}

export const TENSOR_FILES = ['params', 'ema', 'optimizer', 'alignment'] as const;
export type TensorFile = (typeof TENSOR_FILES)[number];

export const checkpointName = (step: number): string => `step-${String(step).padStart(8, '0')}`;
export const stepOfName = (name: string): number | null => {
  const match = /^step-(\d{8,})$/.exec(name);
  return match ? Number(match[1]) : null;
};

/** JSON.stringify keeps insertion order, which JSON.parse keeps too, so the text is the same on both sides. */
export function checksumOf(content: Omit<RunFile, 'checksum'>): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
