import type { Guidance } from '@hastejs/plugin-api';
import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import { countingNumber, guidance, wholeNumber } from '../arguments.js';
import type { Act, Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { withHost } from '../host.js';
import { formatNumber } from '../output/format.js';
import { pluginsOfRun } from '../plugins-of-run.js';
import { Progress } from '../progress/progress.js';
import { chosenSampler } from './sample.js';

const HELP = `
Draws samples and compares them with the test images of the run's data set, in the feature space of
a classifier that knows neither student nor teacher: Fréchet distance (lower is better), and the
share of samples that the classifier takes for their own label. Few samples are biased upwards:
compare equal numbers only. What is not said is taken from the recipe.

Examples:
  haste evaluate runs/quickstart
  haste evaluate runs/quickstart/checkpoints/step-00001500 --samples 2000 --guidance 1
  haste evaluate runs/quickstart --sampler euler --steps 20 --json
`;

interface EvaluateFlags {
  readonly samples: number;
  readonly sampler?: string;
  readonly steps?: number;
  readonly guidance?: Guidance;
  readonly seed?: number;
  readonly weights: 'ema' | 'raw';
  readonly classifier?: string;
  readonly backend?: string;
}

export function evaluateCommand(act: Act): Command {
  return new Command('evaluate')
    .description('score samples of a run: Fréchet distance to test images, accuracy on their label')
    .argument('<run>', 'run folder (its newest checkpoint), or a checkpoint folder')
    .addOption(new Option('--samples <n>', 'images to draw').argParser(countingNumber).default(10_000))
    .option('--sampler <id>', 'euler, heun, euler-maruyama, or the id of another')
    .option('--steps <n>', 'steps of the sampler', countingNumber)
    .option('--guidance <scale[:low:high]>', 'guidance while low ≤ t ≤ high; scale 1 is off', guidance)
    .option('--seed <n>', 'seed of the noise', wholeNumber)
    .addOption(new Option('--weights <which>', 'moving average or raw').choices(['ema', 'raw']).default('ema'))
    .option('--classifier <file>', 'weights of another classifier than the one that Haste ships')
    .option('--backend <id>', 'backend instead of the one the run trained on')
    .option('--json', 'one JSON object a line on stdout, nothing else there')
    .addHelpText('after', HELP)
    .action(act(evaluate));
}

async function evaluate(context: Context, run: string, flags: EvaluateFlags): Promise<ExitCode> {
  const { io, output } = context;
  const { chooseCheckpoint, Evaluator } = await context.engine();
  const { path, runFile } = await chooseCheckpoint(resolve(io.cwd, run));
  const { baseDir, step } = runFile;
  return withHost(context, { plugins: await pluginsOfRun(context, runFile), baseDir }, async (host) => {
    const recipe = host.resolve(runFile.recipe);
    const sampler = chosenSampler(flags, recipe.sampling.sampler);
    const evaluator = await Evaluator.open({
      host,
      recipe,
      baseDir,
      backend: flags.backend ?? runFile.backend.name,
      ...(flags.classifier !== undefined && { classifier: resolve(io.cwd, flags.classifier) }),
    });
    try {
      const { name, moments, accuracy } = evaluator.reference;
      const score = await withProgress(context, flags.samples, (onProgress) =>
        evaluator.score(path, {
          samples: flags.samples,
          weights: flags.weights,
          onProgress,
          ...(sampler && { sampler }),
          ...(flags.guidance && { guidance: flags.guidance }),
          ...(flags.seed !== undefined && { seed: flags.seed }),
        }),
      );
      output.record('evaluation', { step, ...score, reference: { name, images: moments.count, accuracy } });
      output.say(
        `Fréchet distance ${formatNumber(score.frechet)} · ${(100 * score.accuracy).toFixed(1)}% on their label ` +
          `(${score.samples.toLocaleString('en-US')} samples of step ${step}, ${flags.weights} weights)`,
        `  against ${moments.count.toLocaleString('en-US')} images of ${name}, of which the classifier knows ${(100 * accuracy).toFixed(1)}%`,
      );
      return EXIT.ok;
    } finally {
      await evaluator.close();
    }
  });
}

async function withProgress<T>(
  { io, output }: Context,
  images: number,
  work: (onProgress: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  const progress = new Progress(io);
  output.board = progress;
  if (!output.json) progress.start('evaluate', 0, images, 'image');
  try {
    return await work((done, total) => {
      if (output.json) output.record('sampling', { done, total });
      else progress.update(Math.floor((images * done) / total));
    });
  } finally {
    progress.end();
    output.board = null;
  }
}
