import { Command } from 'commander';
import { basename, dirname, resolve } from 'node:path';
import type { Act, Context } from '../context.js';
import type { ExitCode } from '../exit-codes.js';
import { withHost } from '../host.js';
import { pluginsOfRun } from '../plugins-of-run.js';
import { runTraining } from '../training.js';
import { ofUntil, readUntil, stopAt } from '../until.js';

const HELP = `
A fork begins from a checkpoint of phase I as a run of its own: same recipe, same data order and
noise, another end of alignment. Nothing before the checkpoint is trained again, and the fork
equals, bit for bit, a run that had its trigger from the start: the trigger is asked over what was
logged until there.

Runs keep few checkpoints. \`checkpoints: { at: [100, 200] }\` in a recipe keeps those to fork from.

Examples:
  haste fork runs/quickstart/checkpoints/step-00000500          let go here
  haste fork runs/quickstart/checkpoints/step-00000500 --until 700
  haste fork runs/quickstart/checkpoints/step-00000500 --until never --dir runs/aligned-to-the-end
  haste fork runs/long --until '{ id: trigger/plateau, with: { metric: align/feature } }'
`;

interface ForkFlags {
  readonly until?: string;
  readonly dir?: string;
  readonly fresh?: boolean;
  readonly backend?: string;
}

export function forkCommand(act: Act): Command {
  return new Command('fork')
    .description('begin phase II, or another end of phase I, from a checkpoint of a run')
    .argument('<checkpoint>', 'checkpoint folder, or a run folder for its newest')
    .option('--until <trigger>', 'a number of steps, never, or a trigger (default: the step of the checkpoint)')
    .option('--dir <folder>', 'run folder (default: beside the run, named after both)')
    .option('--fresh', 'replace the run that is in the folder')
    .option('--backend <id>', 'another backend than the run began on; results are then close, not equal')
    .option('--json', 'one JSON object a line on stdout, nothing else there')
    .addHelpText('after', HELP)
    .action(act(fork));
}

async function fork(context: Context, checkpoint: string, flags: ForkFlags): Promise<ExitCode> {
  const engine = await context.engine();
  const { cwd } = context.io;
  const { folder, path, runFile } = await engine.chooseCheckpoint(resolve(cwd, checkpoint));
  const { step, baseDir, recipeFile } = runFile;
  const until = flags.until === undefined ? stopAt(step) : readUntil(engine, flags.until);
  const name = `${basename(folder)}-${nameOf(flags.until ?? String(step), step)}`;
  const changed = engine.withUntil(runFile.recipe, until);
  return withHost(context, { plugins: await pluginsOfRun(context, runFile), baseDir }, async (host) => {
    const recipe = await ofUntil(() => host.resolve(changed));
    return runTraining(context, host, {
      recipe,
      baseDir,
      ...(recipeFile !== null && { recipeFile }),
      folder: flags.dir === undefined ? resolve(dirname(folder), name) : resolve(cwd, flags.dir),
      fork: path,
      ...(flags.fresh && { fresh: true }),
      ...(flags.backend !== undefined && { backend: flags.backend }),
    });
  });
}

/** What tells forks of one run apart in the names of their folders. */
function nameOf(until: string, step: number): string {
  return /^(\d+|never)$/.test(until) ? `until-${until}` : `fork-${step}`;
}
