import { main } from './main.js';

process.exitCode = await main(
  process.argv.slice(2),
  { in: process.stdin, out: process.stdout, err: process.stderr },
  process.cwd(),
);
