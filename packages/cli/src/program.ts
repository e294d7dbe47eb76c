import { Command } from 'commander';
import { doctorCommand } from './commands/doctor.js';
import { evaluateCommand } from './commands/evaluate.js';
import { forkCommand } from './commands/fork.js';
import { plotCommand } from './commands/plot.js';
import { pluginsCommand } from './commands/plugins.js';
import { resumeCommand } from './commands/resume.js';
import { sampleCommand } from './commands/sample.js';
import { schemaCommand } from './commands/schema.js';
import { sweepCommand } from './commands/sweep.js';
import { teachersCacheCommand } from './commands/teachers-cache.js';
import { teachersCheckCommand } from './commands/teachers-check.js';
import { teachersListCommand } from './commands/teachers-list.js';
import { teachersPullCommand } from './commands/teachers-pull.js';
import { trainCommand } from './commands/train.js';
import { triggersReplayCommand } from './commands/triggers-replay.js';
import type { Act } from './context.js';
import type { Io } from './io.js';

const ABOUT = `
A run is described by one recipe file (TypeScript, JSON or YAML); there are no flags for
hyperparameters. A run writes one folder: checkpoints, report.json, samples.png, metrics.jsonl.

Examples:
  haste train recipe.ts                    train it into runs/<name>, then draw samples
  haste resume runs/quickstart             go on where a run stopped, bit for bit
  haste fork runs/quickstart/checkpoints/step-00000500   let go there instead
  haste sweep recipe.ts --stops 100,200,never            several stops, phase I trained once
  haste triggers replay runs/quickstart                  where triggers would have fired
  haste sample runs/quickstart --classes Bag,Sandal --per-class 4
  haste plot runs/quickstart               draw what the run logged over its steps
  haste evaluate runs/quickstart           Fréchet distance and accuracy of samples
  haste teachers pull dinov2-base          fetch an encoder's weights; \`teachers list\` names more
  haste teachers cache recipe.ts           compute the teacher's features once, ahead of training
  haste teachers check dinov2-base         draw what an encoder sees in an image
  haste doctor                             what this machine can run
  haste plugins loss/attention             what an extension does and its options
  haste schema --out recipe.schema.json    completion and checks for JSON and YAML recipes

Exit codes:
    0  done
    1  failed while working: a loss was not finite, an extension threw, or a bug
    2  the command line does not make sense
    3  a recipe, plugin, data set, weight file or checkpoint cannot be used as it is
    4  this machine or place cannot: disk, folder, memory, backend or hub
  130  interrupted (Ctrl-C, SIGTERM): the run is saved after the step at hand, and
       \`haste resume\` goes on. A second Ctrl-C does not wait for that; the last checkpoint stays.

Environment: NO_COLOR=1 turns colours off, FORCE_COLOR=1 on. HASTE_PATIENCE=<seconds> is how long
a plugin may take to answer before it is named (60), HASTE_TIME_LIMIT=<seconds> how long before it
is given up (an hour; 5 minutes to close; without end to measure and to sample).
`;

/** Every command and flag of \`haste\`. The set of flags is frozen by a test. */
export function createProgram(act: Act, io: Io, version: string): Command {
  const program = new Command('haste')
    .description('Trains diffusion transformers with holistic alignment, and lets go of the teacher in time.')
    .version(version, '-V, --version', 'print the version')
    .option('--debug', 'print the stack of an error')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText('after', ABOUT);
  const training = [trainCommand, resumeCommand, forkCommand, sweepCommand];
  const looking = [sampleCommand, evaluateCommand, plotCommand];
  for (const make of [...training, ...looking, doctorCommand, pluginsCommand, schemaCommand]) {
    program.addCommand(make(act).helpOption('-h, --help', 'show help'));
  }
  program.addCommand(teachersCommand(act));
  program.addCommand(triggersCommand(act));
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureHelp({ showGlobalOptions: true });
    // Errors are shown by main, like all others.
    command.configureOutput({
      writeOut: (text) => io.out.write(text),
      writeErr: (text) => io.err.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(io.out.columns ?? 96, 96),
      getOutHasColors: () => false,
    });
  }
  return program;
}

/** What concerns teachers apart from training. */
function teachersCommand(act: Act): Command {
  return new Command('teachers')
    .description('encoders: fetch their weights, check them, compute features ahead')
    .helpOption('-h, --help', 'show help')
    .addCommand(teachersListCommand(act).helpOption('-h, --help', 'show help'), { isDefault: true })
    .addCommand(teachersPullCommand(act).helpOption('-h, --help', 'show help'))
    .addCommand(teachersCacheCommand(act).helpOption('-h, --help', 'show help'))
    .addCommand(teachersCheckCommand(act).helpOption('-h, --help', 'show help'));
}

/** What concerns triggers apart from training. */
function triggersCommand(act: Act): Command {
  return new Command('triggers')
    .description('triggers, tried on runs')
    .helpOption('-h, --help', 'show help')
    .addCommand(triggersReplayCommand(act).helpOption('-h, --help', 'show help'));
}

const withSubcommands = (command: Command): Command[] => [command, ...command.commands.flatMap(withSubcommands)];
