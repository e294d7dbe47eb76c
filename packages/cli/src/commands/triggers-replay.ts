import { Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Replay, RunLog, RunRecord } from '@hastejs/trainer';
import type { Act, Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { withHost } from '../host.js';
import { formatTable } from '../output/table.js';
import { triggerName } from '../output/trigger-name.js';
import { shown } from '../paths.js';
import { pluginsOfRun } from '../plugins-of-run.js';
import { replayPlot } from '../plots/replay-plot.js';
import { ofUntil, readUntil } from '../until.js';

const HELP = `
Asks triggers over what a run logged, as if each had been the run's: nothing is trained. The run may
be finished or still going on. Of the run's own trigger it says what the live run did. Steps after
the end of phase I tell nothing of a trigger that would have gone on: train with \`until\` left out,
or late, to try triggers on.

Examples:
  haste triggers replay runs/quickstart
  haste triggers replay runs/long --until 300 --until '{ id: trigger/residual, with: { slow: 200, fast: 20 } }'
  haste triggers replay runs/long --until 5000 --out when.svg --json
`;

interface ReplayFlags {
  readonly until?: readonly string[];
  readonly out?: string;
}

export function triggersReplayCommand(act: Act): Command {
  return new Command('replay')
    .description('where triggers would have fired in a run, from its log')
    .argument('<run>', 'run folder')
    .option('--until <trigger>', "a trigger instead of the run's own; may be given several times", collect)
    .option('--out <file>', 'the plot (default: triggers.svg in the run folder)')
    .option('--json', 'one JSON object a line on stdout, nothing else there')
    .addHelpText('after', HELP)
    .action(act(replay));
}

const collect = (text: string, earlier: readonly string[] = []): readonly string[] => [...earlier, text];

async function replay(context: Context, run: string, flags: ReplayFlags): Promise<ExitCode> {
  const engine = await context.engine();
  const record = await engine.readRunRecord(resolve(context.io.cwd, run));
  const log = await engine.readRunLog(record.folder, record.recipe);
  const wanted = flags.until?.map((text) => readUntil(engine, text)) ?? [undefined];
  const plugins = await pluginsOfRun(context, record);
  return withHost(context, { plugins, baseDir: record.baseDir }, async (host) => {
    const replays: Replay[] = [];
    for (const until of wanted) {
      const asked = () => engine.replayRun(host, record, log, until);
      replays.push(await (until === undefined ? asked() : ofUntil(asked)));
    }
    const plot = flags.out === undefined ? resolve(record.folder, 'triggers.svg') : resolve(context.io.cwd, flags.out);
    await writeFile(plot, replayPlot(log, replays.map((one) => ({ ...one, name: triggerName(one.until) })))); // prettier-ignore
    tell(context, { record, log, replays, plot });
    return EXIT.ok;
  });
}

interface Told {
  readonly record: RunRecord;
  readonly log: RunLog;
  readonly replays: readonly Replay[];
  readonly plot: string;
}

function tell({ output, io }: Context, { record, log, replays, plot }: Told): void {
  output.record('replay', {
    folder: record.folder,
    steps: log.last,
    aligned: log.aligned,
    complete: log.complete,
    triggers: replays,
    plot,
  });
  if (!log.complete)
    output.notice('warning', 'the log lacks steps: what is averaged over measurements may fire elsewhere than live');
  for (const { unmeasured } of replays) {
    if (unmeasured.length > 0) output.notice('warning', `the run did not measure ${unmeasured.join(', ')}`);
  }
  const rows = replays.map((one) => [triggerName(one.until), outcome(one, log)]);
  output.say(`${shown(record.folder, io)}: ${log.last} steps logged, ${log.aligned} of them aligned`);
  output.say(...formatTable(rows), `  plot  ${shown(plot, io)}`);
}

function outcome({ fired, asked }: Replay, log: RunLog): string {
  if (fired) return `step ${fired.step}: ${fired.reason}`;
  return log.aligned < log.last ? `not by step ${asked}, where the run stopped aligning` : `not by step ${asked}`;
}
