import { Command } from 'commander';
import { resolve } from 'node:path';
import { HasteError } from '@hastejs/plugin-api';
import type { Arm, Stop, SweepReport } from '@hastejs/trainer';
import { commaList } from '../arguments.js';
import type { Act, Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { withHost } from '../host.js';
import { interruptible } from '../interrupt.js';
import { formatNumber } from '../output/format.js';
import { formatTable } from '../output/table.js';
import { shown } from '../paths.js';
import { Progress } from '../progress/progress.js';
import { followRun } from '../train-progress.js';

const HELP = `
When should alignment end? A study trains phase I once, keeps a checkpoint at every stop, and forks
each arm from there: arms differ in nothing but the stop. The recipe's own trigger is left out.
Interrupted, it is saved, and the same command goes on; arms that are whole are not trained again.

Examples:
  haste sweep recipe.ts --stops 100,200,300,never
  haste sweep recipe.ts --stops 0,1000,2000 --dir studies/when --json > study.jsonl
`;

interface SweepFlags {
  readonly stops: readonly string[];
  readonly dir?: string;
  readonly backend?: string;
}

export function sweepCommand(act: Act): Command {
  return new Command('sweep')
    .description('train a recipe with several stopping points, and phase I only once')
    .argument('<recipe>', 'recipe file: .ts, .js (also .mts, .cts, .mjs, .cjs), .json, .yaml')
    .requiredOption('--stops <list>', 'steps after which alignment ends, and never, by commas', commaList)
    .option('--dir <folder>', 'folder of the study (default: sweeps/<name of the recipe>)')
    .option('--backend <id>', "backend instead of the recipe's, such as wasm or cpu")
    .option('--json', 'one JSON object a line on stdout, nothing else there')
    .addHelpText('after', HELP)
    .action(act(sweep));
}

async function sweep(context: Context, recipePath: string, flags: SweepFlags): Promise<ExitCode> {
  const { cwd } = context.io;
  const engine = await context.engine();
  const recipeFile = resolve(cwd, recipePath);
  const { recipe: input, baseDir } = await engine.readRecipe(recipeFile);
  return withHost(context, { plugins: input.plugins ?? [], baseDir }, async (host) => {
    const { output, io, signals } = context;
    const recipe = host.resolve(input);
    const progress = new Progress(io);
    output.board = progress;
    const interrupt = interruptible(signals, (name) => {
      if (output.json) output.record('interrupt', { signal: name });
      else progress.note('finishing this step, then saving; the same command goes on from there');
    });
    try {
      const report = await engine.sweep({
        host,
        recipe,
        baseDir,
        recipeFile,
        stops: flags.stops.map(readStop),
        folder: resolve(cwd, flags.dir ?? `sweeps/${recipe.name}`),
        signal: interrupt.signal,
        ...(flags.backend !== undefined && { backend: flags.backend }),
        listen: (arm, events) => {
          announce(context, progress, arm);
          followRun(events, progress, output);
        },
      });
      progress.end();
      tell(context, report);
      return report.status === 'finished' ? EXIT.ok : EXIT.interrupted;
    } finally {
      interrupt.dispose();
      progress.end();
      output.board = null;
    }
  });
}

function readStop(text: string): Stop {
  if (text === 'never') return 'never';
  if (/^\d+$/.test(text)) return Number(text);
  throw new HasteError('USAGE', {
    what: `"${text}" is not a stopping point.`,
    where: '--stops',
    fix: 'Give numbers of steps, and never, by commas: --stops 100,200,never.',
  });
}

function announce({ output }: Context, progress: Progress, { name, from }: Arm): void {
  if (output.json) output.record('arm:started', { name, from });
  else progress.note(from === null ? name : `${name}, forked from what the arms share`);
}

function tell({ output, io }: Context, report: SweepReport): void {
  output.record('sweep', { ...report });
  const metrics = [...new Set(report.rows.flatMap((row) => Object.keys(row.metrics)))].filter(
    (name) => !name.endsWith('/error'),
  );
  const head = ['stop', 'denoise', ...metrics, 's/step aligning', 's/step free', 'steps', 'run'];
  const pace = (summary: { readonly median: number } | null | undefined) =>
    summary ? formatNumber(summary.median) : '–';
  const cell = (value: number | null | undefined) =>
    value === null || value === undefined ? '–' : formatNumber(value);
  const rows = report.rows.map((row) => [
    String(row.stop),
    row.status === 'finished' ? cell(row.denoise) : row.status,
    ...metrics.map((name) => cell(row.metrics[name])),
    pace(row.stepSeconds?.aligning),
    pace(row.stepSeconds?.free),
    String(row.steps),
    shown(row.folder, io),
  ]);
  const { trained, alone } = report.steps;
  const saved = `${trained.toLocaleString('en')} steps for what one by one takes ${alone.toLocaleString('en')}`;
  output.say(...formatTable([head, ...rows]), `  ${saved}; all numbers in ${shown(`${report.folder}/sweep.json`, io)}`);
}
