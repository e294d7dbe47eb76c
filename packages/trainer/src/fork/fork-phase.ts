import type { Recipe } from '@hastejs/core';
import { HasteError, type TerminationTrigger } from '@hastejs/plugin-api';
import type { Chosen } from '../checkpoint/choose.js';
import type { Phase } from '../phase.js';
import { type Replayed, replayTrigger } from '../replay/replay-trigger.js';
import { type RunLog, readRunLog } from '../replay/run-log.js';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

/** What a fork begins with. */
export interface ForkStart {
  readonly phase: Phase;
  /** What makes it other than a run that had its trigger from the start: nothing, mostly. */
  readonly doubts: readonly string[];
}

/**
 * A fork beside its run, never in its place: `fresh` would remove what it begins from.
 * @throws HasteError RUN_FOLDER
 */
export function refuseOwnFolder(chosen: Chosen, folder: string): void {
  if (resolve(folder) !== resolve(chosen.folder)) return;
  throw new HasteError('RUN_FOLDER', {
    what: 'A fork cannot take the folder of the run that it begins from.',
    where: folder,
    fix: 'Choose another folder (--dir).',
  });
}

/**
 * The phase of a fork at its checkpoint: its trigger is asked over what the run logged until there, so that its state is
 * that of a run which had it from the start.
 * @throws HasteError USAGE when phase I was over already, or would have been by this trigger.
 */
export async function forkPhase(
  chosen: Chosen,
  recipe: Recipe,
  trigger: TerminationTrigger | null,
): Promise<ForkStart> {
  const { runFile } = chosen;
  const { step, phase, dataSpec } = runFile;
  if (phase.kind === 'free') throw afterTheEnd(chosen, phase.since);
  // The same trigger: its state is in the checkpoint, and needs no log.
  if (isDeepStrictEqual(recipe.alignment?.until, runFile.recipe.alignment?.until)) return { phase, doubts: [] };
  const log = await readRunLog(chosen.folder, runFile.recipe).catch(() => null);
  const source = { batchSize: recipe.batchSize, length: dataSpec.length };
  const replayed = replayTrigger(trigger, log?.steps ?? new Map(), source, step);
  if (replayed.phase.kind === 'free' && replayed.phase.since < step) throw tooLate(chosen, replayed.phase);
  const doubts = [fadingDoubt(chosen, replayed.factors), logDoubt(trigger, log, step)];
  return { phase: replayed.phase, doubts: doubts.filter((doubt) => doubt !== null) };
}

/** What is shared was trained with the weights of the run that it comes from. */
function fadingDoubt({ runFile }: Chosen, factors: Replayed['factors']): string | null {
  const { phase, step } = runFile;
  const faded = factors.find(([governed]) => governed < step);
  if (faded)
    return `by its trigger alignment would have begun to fade at step ${faded[0]}; until step ${step} it did not`;
  if (phase.kind === 'free' || phase.weight === undefined) return null;
  return `at step ${step} the run was letting alignment fade, to ${phase.weight.toPrecision(3)} of its weights; the fork does not`;
}

function logDoubt(trigger: TerminationTrigger | null, log: RunLog | null, step: number): string | null {
  const watches = trigger?.watches ?? [];
  if (watches.length === 0) return null;
  if (!log)
    return `the run has no log, so the trigger begins at step ${step} without having seen ${watches.join(', ')}`;
  const steps = Array.from({ length: step }, (_, i) => log.steps.get(i + 1));
  const missing = steps.filter((values) => !values).length;
  if (missing > 0) return `the log lacks ${missing} of ${step} steps, so the trigger has seen less than a live run`;
  const unmeasured = watches.filter((name) => !steps.some((values) => values && name in values));
  if (unmeasured.length === 0) return null;
  return `the run did not measure ${unmeasured.join(', ')} until step ${step}; the trigger sees it from there on`;
}

function afterTheEnd({ path, runFile }: Chosen, since: number): HasteError {
  return new HasteError('USAGE', {
    what: `At step ${runFile.step} phase I is over: it ended at step ${since}, and the projectors are gone.`,
    where: path,
    fix: `Fork from a checkpoint of before step ${since}. \`checkpoints: { at: […] }\` in a recipe keeps the ones you will want.`,
  });
}

function tooLate({ path, runFile }: Chosen, { since, reason }: Extract<Phase, { kind: 'free' }>): HasteError {
  return new HasteError('USAGE', {
    what: `The trigger would have fired at step ${since} (${reason}), before the checkpoint of step ${runFile.step}.`,
    where: path,
    fix: `Fork from a checkpoint of step ${since} or before, or give another trigger.`,
  });
}
