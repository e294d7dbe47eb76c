import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type CheckpointRecord, type RunState, type RunTensors, checkpointName } from './format.js';
import { saveCheckpoint } from './save.js';

/** Why a checkpoint was saved; the ones at a phase change are fork points and are never removed. */
export type SaveReason = 'scheduled' | 'phase change' | 'interrupted' | 'finished';

/** Saves checkpoints, and keeps the newest `keep` of them and every phase change. */
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
    const numbered = known.filter((each) => each.reason !== 'phase change');
    const surplus = numbered.slice(0, Math.max(0, numbered.length - this.keep));
    this.records = known.filter((each) => !surplus.includes(each));
    // Only once the new one is whole.
    for (const { name } of surplus) await rm(join(this.folder, name), { recursive: true, force: true });
    return path;
  }
}
