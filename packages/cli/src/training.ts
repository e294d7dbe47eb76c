import type { Host } from '@hastejs/core';
import type { RunReport, TrainOptions } from '@hastejs/trainer';
import type { Context } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { interruptible } from './interrupt.js';
import { summarise } from './output/summary.js';
import { Progress } from './progress/progress.js';
import { drawRunSamples } from './samples/draw.js';
import { followRun } from './train-progress.js';

type Run = Omit<TrainOptions, 'host' | 'signal' | 'listen'>;

/** Trains with progress and Ctrl-C, draws the samples, and says where everything is. Shared by train and resume. */
export async function runTraining(context: Context, host: Host, run: Run): Promise<ExitCode> {
  const { io, output } = context;
  const report = await trainWithProgress(context, host, run);
  const finished = report.status === 'finished';
  let samples: string | null = null;
  try {
    if (finished) samples = await drawRunSamples(context, host, report, run.backend);
  } finally {
    // Also when the samples could not be drawn: the training is not lost, and the error follows.
    output.record('report', { ...report, samples });
    output.say(...summarise(report, samples, io, output.colors));
  }
  return finished ? EXIT.ok : EXIT.interrupted;
}

async function trainWithProgress(context: Context, host: Host, run: Run): Promise<RunReport> {
  const { io, output, signals } = context;
  const { train } = await context.engine();
  const progress = new Progress(io);
  output.board = progress;
  const interrupt = interruptible(signals, (name) => {
    if (output.json) output.record('interrupt', { signal: name });
    else progress.note('finishing this step, then saving; Ctrl-C again stops at once and keeps the last checkpoint');
  });
  try {
    return await train({
      ...run,
      host,
      signal: interrupt.signal,
      listen: (events) => followRun(events, progress, output),
    });
  } finally {
    interrupt.dispose();
    progress.end();
    output.board = null;
  }
}
