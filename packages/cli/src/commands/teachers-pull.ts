import { HasteError } from '@hastejs/plugin-api';
import { Command } from 'commander';
import type { PublishedWeights } from '@hastejs/encoders';
import type { PullOptions } from '@hastejs/weights';
import type { Act, Context } from '../context.js';
import type { Engine } from '../engine.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { type Interrupt, interruptible } from '../interrupt.js';
import { formatTable } from '../output/table.js';
import { shown } from '../paths.js';
import { Progress } from '../progress/progress.js';
import { followPull } from '../progress/pull.js';

const HELP = `
Weights go into the cache that all programs of the Hugging Face hub share. A download that was cut
goes on where it stopped, at the next try or the next call; every byte is held against the hub's
checksum. Ctrl-C keeps what has arrived.

Environment, as in Python's huggingface_hub:
  HF_TOKEN                       who asks, for weights whose terms must be agreed to
  HF_HOME, HF_HUB_CACHE          where the cache is
  HF_ENDPOINT                    a mirror
  HF_HUB_OFFLINE=1               look into the cache alone
  HF_HUB_DOWNLOAD_TIMEOUT        seconds of silence before trying again (10)

Examples:
  haste teachers pull dinov2-base
  haste teachers pull clip-vit-b-16 siglip2-base
  haste teachers pull hf:facebook/dinov2-base@main
`;

export function teachersPullCommand(act: Act): Command {
  return new Command('pull')
    .description('fetch the weights of encoders from the Hugging Face hub')
    .argument('<weights...>', 'ids of `haste teachers list`, or hf:owner/name@revision')
    .option('--json', 'one JSON object a line on stdout, nothing else there')
    .addHelpText('after', HELP)
    .action(act(pull));
}

/** What to ask the hub for, and what is known of it. */
interface Order {
  readonly asked: PullOptions;
  readonly published: PublishedWeights | null;
}

async function pull(context: Context, names: readonly string[]): Promise<ExitCode> {
  const { io, output } = context;
  const engine = await context.engine();
  // All names are understood before the first is fetched.
  const orders = names.map((name) => orderOf(name, engine));
  const progress = new Progress(io);
  output.board = progress;
  const interrupt = interruptible(context.signals, (name) => {
    if (output.json) output.record('interrupt', { signal: name });
    else progress.note('stopping; what has arrived is kept, and the next pull goes on from there');
  });
  try {
    for (const order of orders) {
      const folder = await fetchOne(context, engine, order, interrupt, progress);
      if (folder === null) return EXIT.interrupted;
      report(context, engine, order, folder);
    }
    return EXIT.ok;
  } finally {
    interrupt.dispose();
    progress.end();
    output.board = null;
  }
}

/** The folder of the snapshot, or null: it was interrupted. */
async function fetchOne(
  { io, output }: Context,
  { pullWeights, hubCacheFolder }: Engine,
  { asked }: Order,
  { signal }: Interrupt,
  progress: Progress,
): Promise<string | null> {
  const cache = shown(hubCacheFolder(io.env), io);
  try {
    return await pullWeights({ ...asked, env: io.env, signal, onProgress: followPull(progress, output, cache) });
  } catch (error) {
    if (!signal.aborted) throw error;
    return null;
  } finally {
    progress.end();
  }
}

function orderOf(name: string, { catalogue, hubName }: Engine): Order {
  const published = catalogue.find(({ id }) => id === name) ?? null;
  if (published) {
    const { repo, revision, files, sha256 } = published;
    const [weights, ...beside] = files;
    return { asked: { repo, revision, files: [weights], optional: beside, sha256 }, published };
  }
  const named = hubName(name);
  if (named) return { asked: named, published: null };
  throw new HasteError('USAGE', {
    what: `'${name}' is neither the id of a published encoder nor hf:owner/name@revision.`,
    where: 'haste teachers pull',
    fix: `Ids are ${catalogue.map(({ id }) => id).join(', ')}.`,
  });
}

function report({ io, output }: Context, { recipeLine }: Engine, { asked, published }: Order, folder: string): void {
  output.record('pulled', { repo: asked.repo, revision: asked.revision, folder, id: published?.id ?? null });
  const rows = [['weights', shown(folder, io)]];
  if (published) {
    const { licence, terms, citation } = published;
    rows.push(['recipe', recipeLine(published)]);
    rows.push(['licence', terms === undefined ? licence : `${licence}. ${terms}`]);
    rows.push(['cite', citation]);
  }
  output.say(...formatTable(rows, ''));
}
