#!/usr/bin/env node
import { createRequire } from 'node:module';
import { main } from './main.js';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

// The reader of a pipe may leave first (`haste plugins | head`). Node ignores SIGPIPE, which would end any other program
// here without a word and with this code.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 141 : 1));

// A promise that nothing can settle any more, such as that of a module that waits for ever while it is imported, ends a process
// without a word and with this code.
const NOTHING_LEFT = `error Something was waited for that can never come. [INTERNAL]
  where: most likely a recipe or plugin with an \`await\` outside of functions
  fix:   Look for a promise there that is never resolved.
`;
process.on('exit', (code) => {
  if (code === 13) process.stderr.write(NOTHING_LEFT);
});

process.exitCode = await main(process.argv.slice(2), {
  io: { out: process.stdout, err: process.stderr, env: process.env, cwd: process.cwd() },
  signals: process,
  engine: async () => (await import('./engine.js')).engine,
  version,
});
