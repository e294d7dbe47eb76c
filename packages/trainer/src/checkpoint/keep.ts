import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type CheckpointRecord, type RunState, type RunTensors, checkpointName } from './format.js';
import { saveCheckpoint } from './save.js';

/** Why a checkpoint was saved. */
export type SaveReason = 'scheduled' | 'asked for' | 'phase change' | 'forked' | 'interrupted' | 'finished';

/** Fork points, and what a run began from: never removed. */
const STAYS = new Set<string>(['asked for', 'phase change', 'forked'] satisfies SaveReason[]);

/** Saves checkpoints, and keeps the newest `keep` of them and those that always stay. */
export class Checkpoints {
  private records: readonly CheckpointRecord[];

  constructor(
    private readonly folder: string,
    private readonly keep: number,
    earlier: readonly CheckpointRecord[],
  ) {
    this.records = earlier;
  }

  get all(): readonly CheckpointRecord[] {
    return this.records;
  }

  /** @returns the checkpoint's folder. */
  async save(reason: SaveReason, state: Omit<RunState, 'checkpoints'>, tensors: RunTensors): Promise<string> {
    const record = { step: state.step, name: checkpointName(state.step), reason };
    const known = [...this.records.filter(({ step }) => step !== record.step), record];
    const path = await saveCheckpoint(this.folder, { ...state, checkpoints: known }, tensors);
    const numbered = known.filter((each) => !STAYS.has(each.reason));
    const surplus = numbered.slice(0, Math.max(0, numbered.length - this.keep));
    this.records = known.filter((each) => !surplus.includes(each));
    // Only once the new one is whole.
    for (const { name } of surplus) await rm(join(this.folder, name), { recursive: true, force: true });
    return path;
  }
}
