import { Command } from 'commander';
import { resolve } from 'node:path';
import type { Act, Context } from '../context.js';
import type { ExitCode } from '../exit-codes.js';
import { withHost } from '../host.js';
import { runTraining } from '../training.js';

const HELP = `
The recipe says everything about the run: student, data, teacher, alignment, optimizer, sampling.
A TypeScript recipe is \`export default defineRecipe({ … })\`; JSON and YAML have the same fields.
When training ends, samples are drawn from the moving average of the weights into samples.png.

Ctrl-C finishes the step, saves a checkpoint and says how to go on.

Examples:
  haste train examples/quickstart/recipe.ts
  haste train recipe.yaml --dir runs/second-try
  haste train recipe.ts --fresh --backend cpu
  haste train recipe.ts --json > run.jsonl       one event a line: run:started, step:completed, …
`;

interface TrainFlags {
  readonly dir?: string;
  readonly fresh?: boolean;
  readonly backend?: string;
}

export function trainCommand(act: Act): Command {
  return new Command('train')
    .description('train a recipe to its end, then draw samples')
    .argument('<recipe>', 'recipe file: .ts, .js (also .mts, .cts, .mjs, .cjs), .json, .yaml')
    .option('--dir <folder>', 'run folder (default: runs/<name of the recipe>)')
    .option('--fresh', 'replace the run that is in the folder')
    .option('--backend <id>', "backend instead of the recipe's, such as wasm or cpu")
    .option('--json', 'one JSON object a line on stdout, nothing else there')
    .addHelpText('after', HELP)
    .action(act(train));
}

async function train(context: Context, recipePath: string, flags: TrainFlags): Promise<ExitCode> {
  const { cwd } = context.io;
  const { readRecipe } = await context.engine();
  const recipeFile = resolve(cwd, recipePath);
  const { recipe: input, baseDir } = await readRecipe(recipeFile);
  return withHost(context, { plugins: input.plugins ?? [], baseDir }, async (host) => {
    const recipe = host.resolve(input);
    return runTraining(context, host, {
      recipe,
      baseDir,
      recipeFile,
      folder: resolve(cwd, flags.dir ?? `runs/${recipe.name}`),
      ...(flags.fresh && { fresh: true }),
      ...(flags.backend !== undefined && { backend: flags.backend }),
    });
  });
}
