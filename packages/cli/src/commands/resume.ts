import { Command } from 'commander';
import { resolve } from 'node:path';
import type { Act, Context } from '../context.js';
import type { ExitCode } from '../exit-codes.js';
import { withHost } from '../host.js';
import { pluginsOfRun } from '../plugins-of-run.js';
import { runTraining } from '../training.js';

const HELP = `
A run goes on from its newest checkpoint with the recipe it was started with, bit for bit as if it
had never stopped (on the same backend). A damaged checkpoint is named and refused, and the newest
whole one is offered: give that one's folder to go on from it.

Examples:
  haste resume runs/quickstart
  haste resume runs/quickstart/checkpoints/step-00000300
`;

interface ResumeFlags {
  readonly backend?: string;
}

export function resumeCommand(act: Act): Command {
  return new Command('resume')
    .description('go on with an interrupted run, bit for bit')
    .argument('<run>', 'run folder, or one of its checkpoint folders')
    .option('--backend <id>', 'another backend than the run began on; results are then close, not equal')
    .option('--json', 'one JSON object a line on stdout, nothing else there')
    .addHelpText('after', HELP)
    .action(act(resume));
}

async function resume(context: Context, run: string, flags: ResumeFlags): Promise<ExitCode> {
  const { chooseCheckpoint } = await context.engine();
  const { folder, path, runFile } = await chooseCheckpoint(resolve(context.io.cwd, run));
  const { recipe, baseDir, recipeFile } = runFile;
  return withHost(context, { plugins: await pluginsOfRun(context, runFile), baseDir }, async (host) =>
    runTraining(context, host, {
      recipe: host.resolve(recipe),
      baseDir,
      ...(recipeFile !== null && { recipeFile }),
      folder,
      resume: path,
      ...(flags.backend !== undefined && { backend: flags.backend }),
    }),
  );
}
