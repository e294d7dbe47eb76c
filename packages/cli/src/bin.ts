#!/usr/bin/env node
import { createRequire } from 'node:module';
import { main } from './main.js';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

// The reader of a pipe may leave first (`haste plugins | head`). Node ignores SIGPIPE, which would end any other program
// here without a word and with this code.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 141 : 1));

process.exitCode = await main(process.argv.slice(2), {
  io: { out: process.stdout, err: process.stderr, env: process.env, cwd: process.cwd() },
  signals: process,
  engine: async () => (await import('./engine.js')).engine,
  version,
});
