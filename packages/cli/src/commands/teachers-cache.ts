import { Command } from 'commander';
import { resolve } from 'node:path';
import type { FilledCache } from '@hastejs/trainer';
import type { Act, Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { withHost } from '../host.js';
import { interruptible } from '../interrupt.js';
import { formatBytes } from '../output/format.js';
import { formatTable } from '../output/table.js';
import { shown } from '../paths.js';
import { followTeacherCache } from '../progress/teacher-cache.js';
import { Progress } from '../progress/progress.js';

const HELP = `
The recipe says which teachers are kept, and where: \`cache: {}\` beside a teacher. Training fills
what is missing before its first step; this does it ahead of time, without training.

Ctrl-C stops after the batch; what is whole stays, and the next call goes on from there.

Examples:
  haste teachers cache recipe.ts
  haste teachers cache recipe.ts --json > cache.jsonl
`;

interface CacheFlags {
  readonly backend?: string;
}

export function teachersCacheCommand(act: Act): Command {
  return new Command('cache')
    .description("compute the features of a recipe's teachers once and keep them on disk")
    .argument('<recipe>', 'recipe file: .ts, .js (also .mts, .cts, .mjs, .cjs), .json, .yaml')
    .option('--backend <id>', "backend instead of the recipe's, such as wasm or cpu")
    .option('--json', 'one JSON object a line on stdout, nothing else there')
    .addHelpText('after', HELP)
    .action(act(cache));
}

async function cache(context: Context, recipePath: string, flags: CacheFlags): Promise<ExitCode> {
  const { io, output } = context;
  const { readRecipe } = await context.engine();
  const { recipe: input, baseDir } = await readRecipe(resolve(io.cwd, recipePath));
  return withHost(context, { plugins: input.plugins ?? [], baseDir }, async (host) => {
    const { cacheTeachers } = await context.engine();
    const progress = new Progress(io);
    output.board = progress;
    const interrupt = interruptible(context.signals, (name) => {
      if (output.json) output.record('interrupt', { signal: name });
      else progress.note('finishing this batch; Ctrl-C again stops at once, and what is whole stays either way');
    });
    try {
      const filled = await cacheTeachers({
        host,
        recipe: host.resolve(input),
        baseDir,
        ...(flags.backend !== undefined && { backend: flags.backend }),
        signal: interrupt.signal,
        listen: (events) => followTeacherCache(events, progress, output),
      });
      progress.end();
      report(context, filled);
      return filled.every(({ complete }) => complete) ? EXIT.ok : EXIT.interrupted;
    } finally {
      interrupt.dispose();
      progress.end();
      output.board = null;
    }
  });
}

function report({ io, output }: Context, filled: readonly FilledCache[]): void {
  output.record('teacher-caches', { caches: filled });
  const rows = filled.map(({ teacher, folder, images, size, complete }) => [
    complete ? 'complete' : 'interrupted',
    teacher,
    `${images.toLocaleString('en-US')} images, ${formatBytes(size)}`,
    shown(folder, io),
  ]);
  output.say(...formatTable(rows));
}
