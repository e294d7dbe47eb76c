import { Command } from 'commander';
import { resolve } from 'node:path';
import { commaList, countingNumber, wholeNumber } from '../arguments.js';
import type { CheckedEncoder } from '../check/check-encoder.js';
import type { Act, Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { withHost } from '../host.js';
import { formatTable } from '../output/table.js';
import { shown } from '../paths.js';

const HELP = `
Weights are named as in a recipe: an id of \`haste teachers list\`, hf:owner/name@revision, or a
path. The picture shows the image, its patch features (their first three principal components as
red, green and blue), and where heads of a block look from the class token. With the right weights
whole parts of the image share a colour; with wrong ones colours follow light and edges, or nothing.

Examples:
  haste teachers check dinov2-base
  haste teachers check weights/mae.safetensors --image dog.jpg --block 8 --heads 0,3,7
  haste teachers check dino.pth --entry teacher
  haste teachers check haste:fashion-mnist-teacher --out shirt.png
`;

interface CheckFlags {
  readonly entry?: string;
  readonly image?: string;
  readonly size?: number;
  readonly block?: number;
  readonly heads?: readonly number[];
  readonly out: string;
  readonly backend?: string;
}

export function teachersCheckCommand(act: Act): Command {
  return new Command('check')
    .description('run an encoder on an image and draw what it sees')
    .argument('<weights>', 'an id, hf:owner/name@revision, or a path')
    .option('--entry <name>', 'which state dict of a checkpoint that holds several')
    .option('--image <file>', 'PNG, JPEG or WebP (default: one that Haste ships)')
    .option('--size <pixels>', "side of the image (default: the encoder's own)", countingNumber)
    .option('--block <n>', 'whose attention is drawn, from 0 (default: the last)', wholeNumber)
    .option('--heads <list>', 'heads, comma-separated (default: the first six)', headList)
    .option('--out <file>', 'where the picture goes', 'teacher-check.png')
    .option('--backend <id>', 'such as wasm or cpu (default: the best there is)')
    .option('--json', 'one JSON object a line on stdout, nothing else there')
    .addHelpText('after', HELP)
    .action(act(check));
}

const headList = (text: string): number[] => commaList(text).map((head) => wholeNumber(head));

async function check(context: Context, weights: string, flags: CheckFlags): Promise<ExitCode> {
  const { io, output } = context;
  const { checkEncoder, sheetOf, writePng } = await context.engine();
  return withHost(context, {}, async (host) => {
    const { out, image, ...rest } = flags;
    const asked = { host, baseDir: io.cwd, weights, ...rest, ...(image !== undefined && { image }) };
    const { panels, ...found } = await checkEncoder(asked);
    const picture = resolve(io.cwd, out);
    await writePng(picture, sheetOf(panels));
    if (found.guessedNormalisation) {
      output.notice(
        'warning',
        `nothing says how images of a ${found.family} file are normalised; ImageNet's was taken`,
      );
    }
    output.record('teacher-check', { ...found, picture });
    output.say(...lines(found, shown(picture, io)));
    return EXIT.ok;
  });
}

function lines(found: Omit<CheckedEncoder, 'panels'>, picture: string): string[] {
  const { label, family, blocks, width, heads, patchSize, grid, explained } = found;
  const percent = (share: number): string => `${Math.round(100 * share)}%`;
  return formatTable(
    [
      ['encoder', `${label} (${family})`],
      ['model', `${blocks} blocks, width ${width}, ${heads} heads, patches of ${patchSize}`],
      ['image', `${grid.width * patchSize}×${grid.height * patchSize} pixels, ${grid.width}×${grid.height} patches`],
      ['features', `the three colours show ${explained.map(percent).join(', ')} of their variance`],
      ['picture', picture],
    ],
    '',
  );
}
