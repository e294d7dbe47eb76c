// Read this first: this file is the run, top to bottom.
import { disposeBatch, drawBatch } from './draws.js';
import { readLosses } from './losses.js';
import { measureDue } from './metrics.js';
import { advance, factorOf } from './phase.js';
import type { RunReport } from './report.js';
import { Session } from './session.js';
import type { StepFacts, TrainOptions } from './train-options.js';
import { turn } from './turn.js';

/**
 * Trains a recipe to its end, or until interrupted.
 * @throws HasteError; whatever fails, the checkpoints saved before stay whole.
 */
export async function train(options: TrainOptions): Promise<RunReport> {
  const run = options.host.openRun(options.recipe, options.baseDir, options.signal);
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
  const { recipe, parts } = session;
  await session.fillTeacherCaches(signal); // of a recipe that asks for them: before the first step, or not at all
  await session.start();
  let saved = session.forked ? session.state.step : -1;

  while (session.state.step < recipe.steps) {
    await turn(); // Ctrl-C is heard here
    if (signal?.aborted) break;

    const facts = await step(session);
    session.completed(facts);

    // decide: the answer governs the next step
    const before = session.state.phase.kind;
    const phase = advance(session.state.phase, parts.trigger, session.observe(facts));
    session.state = { ...session.state, phase };
    const changed = phase.kind === 'free' && before === 'aligning';
    if (changed) await session.letGo(phase);

    // save: a phase change is always kept, as what phase II began with
    const done = session.state.step;
    const asked = recipe.checkpoints.at.includes(done);
    if (changed || asked || done % recipe.checkpoints.every === 0) {
      await session.save(changed ? 'phase change' : asked ? 'asked for' : 'scheduled');
      saved = done;
    }
  }

  if (saved !== session.state.step) await session.save(signal?.aborted ? 'interrupted' : 'finished');
  return session.finish();
}

async function step(session: Session): Promise<StepFacts> {
  const { rng, loader, stepRecipe, stepper, alignment } = session;
  const index = session.state.step;
  const started = performance.now();

  // data and draws: functions of (seed, step) alone
  const batch = drawBatch(session.draws, await loader.next(index), rng, index);
  try {
    // one step of training; plain SiT training once alignment is null
    const lambdas = session.changingWeights();
    const factor = factorOf(session.state.phase);
    const result = stepper.step(session.state.weights, batch, alignment, index, factor);
    session.state = { ...session.state, step: index + 1, weights: result.weights };
    const losses = { ...(await readLosses(result, index + 1)), ...lambdas }; // waits for the device; throws on NaN, before anything is saved
    const seconds = (performance.now() - started) / 1000;

    // measure what is due
    const { student, path } = stepRecipe;
    const { notices, probes } = session;
    const probe = { student, path, weights: result.weights, step: index, batch, alignment, probes };
    return { losses, measured: await measureDue(session.metrics, index + 1, probe, notices), seconds };
  } finally {
    disposeBatch(batch);
  }
}
