import type { Guidance, JsonObject, Ref } from '@hastejs/plugin-api';
import { Command, Option } from 'commander';
import { join, resolve } from 'node:path';
import { classIndices, commaList, countingNumber, guidance, wholeNumber } from '../arguments.js';
import type { Act, Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { withHost } from '../host.js';
import { pluginsOfRun } from '../plugins-of-run.js';
import { shown } from '../paths.js';
import { draw, writeSamples } from '../samples/draw.js';

const HELP = `
What is not said is taken from the recipe. The same seed draws the same images. Writes samples.png
(one row a class) and every image as a file of its own into the folder.

Examples:
  haste sample runs/quickstart
  haste sample runs/quickstart --classes Bag,Sandal --per-class 16 --seed 7
  haste sample runs/quickstart --sampler heun --steps 20 --guidance 1.65:0:0.72
  haste sample runs/quickstart/checkpoints/step-00000500 --weights raw --out before-release
`;

interface SampleFlags {
  readonly classes?: readonly string[];
  readonly perClass?: number;
  readonly sampler?: string;
  readonly steps?: number;
  readonly guidance?: Guidance;
  readonly seed?: number;
  readonly out?: string;
  readonly weights: 'ema' | 'raw';
  readonly backend?: string;
}

export function sampleCommand(act: Act): Command {
  return new Command('sample')
    .description('draw images from a run')
    .argument('<run>', 'run folder (its newest checkpoint), or a checkpoint folder')
    .option('--classes <list>', 'class numbers or names, comma-separated (default: all)', commaList)
    .option('--per-class <n>', 'images of each class', countingNumber)
    .option('--sampler <id>', 'euler, heun, euler-maruyama, or the id of another')
    .option('--steps <n>', 'steps of the sampler', countingNumber)
    .option('--guidance <scale[:low:high]>', 'guidance while low ≤ t ≤ high; scale 1 is off', guidance)
    .option('--seed <n>', 'seed of the noise', wholeNumber)
    .option('--out <folder>', 'where to write (default: <run>/samples/step-<n>)')
    .addOption(new Option('--weights <which>', 'moving average or raw').choices(['ema', 'raw']).default('ema'))
    .option('--backend <id>', 'backend instead of the one the run trained on')
    .option('--json', 'one JSON object a line on stdout, nothing else there')
    .addHelpText('after', HELP)
    .action(act(sample));
}

async function sample(context: Context, run: string, flags: SampleFlags): Promise<ExitCode> {
  const { io, output } = context;
  const { chooseCheckpoint } = await context.engine();
  const { folder, path, runFile } = await chooseCheckpoint(resolve(io.cwd, run));
  const { classes } = runFile.dataSpec;
  const indices = flags.classes && classIndices(flags.classes, classes);
  return withHost(
    context,
    { plugins: await pluginsOfRun(context, runFile), baseDir: runFile.baseDir },
    async (host) => {
      const recipe = host.resolve(runFile.recipe);
      const sampler = chosenSampler(flags, recipe.sampling.sampler);
      const samples = await draw(context, {
        host,
        checkpoint: path,
        weights: flags.weights,
        ...(indices && { classes: indices }),
        ...(sampler && { sampler }),
        ...(flags.perClass !== undefined && { perClass: flags.perClass }),
        ...(flags.guidance && { guidance: flags.guidance }),
        ...(flags.seed !== undefined && { seed: flags.seed }),
        ...(flags.backend !== undefined && { backend: flags.backend }),
      });
      const target = resolve(io.cwd, flags.out ?? join(folder, 'samples', `step-${runFile.step}`));
      const written = await writeSamples(await context.engine(), samples, target);
      output.record('samples', { step: runFile.step, ...written });
      output.say(
        `${output.colors.green('done')} ${written.files.length} images from step ${runFile.step} (${flags.weights} weights)`,
        `  grid    ${shown(written.grid, io)}`,
        `  images  ${shown(target, io)}`,
      );
      return EXIT.ok;
    },
  );
}

/** `--sampler` names one (its prefix may be left out); `--steps` sets its steps, or those of the recipe's sampler. */
export function chosenSampler(
  { sampler, steps }: Pick<SampleFlags, 'sampler' | 'steps'>,
  own: Ref<'sampler'>,
): Ref<'sampler'> | null {
  if (sampler === undefined && steps === undefined) return null;
  const id = sampler === undefined ? own.id : sampler.includes('/') ? sampler : `sampler/${sampler}`;
  // Options of the recipe's sampler carry over only to itself; steps mean the same to all.
  const kept: JsonObject =
    id === own.id ? own.with : steps === undefined && 'steps' in own.with ? { steps: own.with['steps']! } : {};
  return { kind: 'sampler', id, with: { ...kept, ...(steps !== undefined && { steps }) } };
}
