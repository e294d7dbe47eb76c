import { HasteError } from '@hastejs/plugin-api';
import { Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Act, Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { shown } from '../paths.js';
import { namesOf } from '../plots/points.js';
import { runPlot } from '../plots/run-plot.js';

const HELP = `
Draws what a run logged over its steps, as an SVG file: losses, gradient norm, every metric. What
belongs together shares a chart, such as one measurement of all blocks; standard errors are
whiskers; the end of phase I is marked. The run may be finished or still going on. Name values to
draw only those, with * for anything.

Examples:
  haste plot runs/quickstart
  haste plot runs/quickstart 'loss/*' 'metric/cknna/*'
  haste plot runs/quickstart 'metric/*' --out diagnostics.svg
`;

interface PlotFlags {
  readonly out?: string;
}

export function plotCommand(act: Act): Command {
  return new Command('plot')
    .description('draw what a run logged over its steps, as an SVG file')
    .argument('<run>', 'run folder')
    .argument('[values...]', 'names of logged values, * for anything (default: all)')
    .option('--out <file>', 'the plot (default: plot.svg in the run folder)')
    .option('--json', 'one JSON object a line on stdout, nothing else there')
    .addHelpText('after', HELP)
    .action(act(plot));
}

async function plot(context: Context, run: string, values: readonly string[], flags: PlotFlags): Promise<ExitCode> {
  const { io, output } = context;
  const engine = await context.engine();
  const record = await engine.readRunRecord(resolve(io.cwd, run));
  const log = await engine.readRunLog(record.folder, record.recipe);
  const drawn = runPlot(log, `${record.recipe.name}, ${log.last} steps`, values);
  if (!drawn) throw nothingToDraw(values, namesOf(log), shown(record.folder, io));
  const file = flags.out === undefined ? resolve(record.folder, 'plot.svg') : resolve(io.cwd, flags.out);
  await writeFile(file, drawn.svg);
  output.record('plot', { folder: record.folder, steps: log.last, charts: drawn.charts, plot: file });
  output.say(`${drawn.charts.length} charts of ${log.last} steps`, `  plot  ${shown(file, io)}`);
  return EXIT.ok;
}

function nothingToDraw(values: readonly string[], known: readonly string[], where: string): HasteError {
  return new HasteError('RUN_LOG_MISSING', {
    what:
      values.length > 0 ? `The run logged nothing called ${values.join(', ')}.` : 'The run has logged no value yet.',
    where,
    fix: known.length > 0 ? `It logged ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}.` : 'Wait for its first step.', // prettier-ignore
  });
}
