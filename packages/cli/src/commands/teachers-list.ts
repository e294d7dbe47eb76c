import { Command } from 'commander';
import type { PublishedWeights } from '@hastejs/encoders';
import { HasteError } from '@hastejs/plugin-api';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Act, Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { formatTable } from '../output/table.js';
import { shown } from '../paths.js';

const HELP = `
A recipe names an encoder by its id: dino({ weights: 'dinov2-base' }). Training downloads nothing;
\`haste teachers pull <id>\` fetches weights once. Others are named as hf:owner/name@revision, or by
the path of their file.

Examples:
  haste teachers list
  haste teachers list --json
`;

export function teachersListCommand(act: Act): Command {
  return (
    new Command('list')
      .description('list the published encoders that are known by an id')
      .option('--json', 'one JSON object a line on stdout, nothing else there')
      .addHelpText('after', HELP)
      // It is what `haste teachers` does without a word: one that is unknown arrives here, and is told as that.
      .allowExcessArguments()
      .action(act(list))
  );
}

async function list({ io, output, engine }: Context, _options: unknown, { args }: Command): Promise<ExitCode> {
  if (args.length > 0) throw unknownWord(args[0]!);
  const { catalogue, recipeLine, cachedWeights, hubCacheFolder } = await engine();
  const cache = hubCacheFolder(io.env);
  const folderOf = ({ repo, revision, files }: PublishedWeights): string | null => {
    const folder = cachedWeights(repo, revision, cache);
    return folder !== null && existsSync(join(folder, files[0])) ? folder : null;
  };
  const encoders = catalogue.map((entry) => ({ ...entry, recipe: recipeLine(entry), folder: folderOf(entry) }));
  for (const encoder of encoders) output.record('encoder', encoder);
  // One table, so that the columns of all teachers agree.
  const rows = formatTable(encoders.map(row));
  encoders.forEach(({ teacher }, i) => {
    if (teacher !== encoders[i - 1]?.teacher) output.say(...(i === 0 ? [] : ['']), teacher);
    output.say(rows[i]!);
  });
  output.say('', `✓ is here, in ${shown(cache, io)}. haste teachers pull <id> fetches the others.`);
  return EXIT.ok;
}

function unknownWord(word: string): HasteError {
  return new HasteError('USAGE', {
    what: `Unknown command 'teachers ${word}'; \`teachers list\` takes no arguments.`,
    fix: 'haste teachers --help lists what there is.',
  });
}

function row({ id, summary, licence, gated, folder }: PublishedWeights & { folder: string | null }): string[] {
  const terms = gated ? `${licence}; its terms must be agreed to on the hub` : licence;
  return [folder === null ? ' ' : '✓', id, summary, terms];
}
