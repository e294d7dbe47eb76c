// Read this first: this file is the run, top to bottom.
import { type Host, type Recipe, type RunEvents } from '@hastejs/core';
import { type Ref } from '@hastejs/plugin-api';
import { disposeBatch, drawBatch } from './draws.js';
import { readLosses } from './losses.js';
import { measureDue } from './metrics.js';
import { advance } from './phase.js';
import { type RunReport } from './report.js';
import { Session } from './session.js';
import { trainStep } from './step.js';

export interface TrainOptions {
  readonly host: Host;
  /** Resolved: `host.resolve(input)`. */
  readonly recipe: Recipe;
  /** Where the recipe's relative paths start. */
  readonly baseDir: string;
  /** The run folder. */
  readonly folder: string;
  /** Go on from the newest checkpoint of the folder, or from the checkpoint folder named. */
  readonly resume?: true | string;
  /** Replace what an earlier run left in the folder. */
  readonly fresh?: boolean;
  /** Instead of the recipe's backend. A resumed run uses the backend it began on unless told otherwise. */
  readonly backend?: Ref<'backend'> | string;
  /** When it fires, the step is finished, a checkpoint saved, and the report says `interrupted`. */
  readonly signal?: AbortSignal;
  readonly listen?: (events: RunEvents) => void;
}

/**
 * Trains a recipe to its end, or until interrupted.
 * @throws HasteError; whatever fails, the checkpoints saved before stay whole.
 */
export async function train(options: TrainOptions): Promise<RunReport> {
  const run = options.host.openRun(options.recipe, options.baseDir);
  options.listen?.(run.events);
  try {
    const session = await Session.open(options, run);
    try {
      return await loop(session, options.signal);
    } finally {
      await session.close();
    }
  } catch (error) {
    run.events.emit('run:failed', { message: error instanceof Error ? error.message : String(error) });
    throw error;
  } finally {
    await run.close();
  }
}

/* ------------------------------------------------ the loop ------------------------------------------------ */

async function loop(session: Session, signal?: AbortSignal): Promise<RunReport> {
  const { recipe, rng, loader, stepRecipe, parts } = session;
  await session.start();
  let saved = -1;

  while (session.state.step < recipe.steps && !signal?.aborted) {
    const started = performance.now();
    const index = session.state.step;

    // data and draws: functions of (seed, step) alone
    const batch = drawBatch(session.draws, await loader.next(index), rng, index);

    // one step of training; plain SiT training once alignment is null
    const result = trainStep(stepRecipe, session.state.weights, batch, session.alignment, index);
    session.state = { ...session.state, step: index + 1, weights: result.weights };
    const { step } = session.state;
    const losses = await readLosses(result, step); // waits for the device; throws on NaN, before anything is saved
    const seconds = (performance.now() - started) / 1000;

    // measure
    const { student, path } = stepRecipe;
    const probe = { student, path, params: result.weights.params, batch, alignment: session.alignment };
    const measured = await measureDue(parts.metrics, step, probe);
    disposeBatch(batch);
    session.completed(losses, measured, seconds);

    // decide: the answer governs the next step
    const before = session.state.phase.kind;
    const phase = advance(session.state.phase, parts.trigger, session.observe({ ...losses, ...measured }));
    session.state = { ...session.state, phase };
    const changed = phase.kind === 'free' && before === 'aligning';
    if (changed) await session.letGo(phase);

    // save: a phase change is always kept, as the fork point of termination studies
    if (changed || step % recipe.checkpoints.every === 0) {
      await session.save(changed ? 'phase change' : 'scheduled');
      saved = step;
    }
  }

  if (saved !== session.state.step) await session.save(signal?.aborted ? 'interrupted' : 'finished');
  return session.finish();
}
