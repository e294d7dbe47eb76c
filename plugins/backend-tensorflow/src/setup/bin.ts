import { isHasteError } from '@hastejs/plugin-api';
import { SETUP } from '../home.js';
import { setup } from './setup.js';

const started = performance.now();
const interrupt = new AbortController();
// Not once: npm forwards the Ctrl-C that the terminal has sent here as well.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupt.abort());

process.exitCode = await main();

function say(line: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`[${seconds.padStart(6)} s] ${line}\n`);
}

/** 0: ready. 4: this machine cannot, or something is missing. 130: interrupted. */
async function main(): Promise<number> {
  try {
    const { home, made } = await setup({ cwd: process.cwd(), env: process.env, signal: interrupt.signal, say });
    say(`the tensorflow backend is ready${made ? '' : ' already'}: ${home}`);
    say('to check: haste doctor (here: npm run haste -- doctor); to undo: delete that folder');
    return 0;
  } catch (error) {
    if (interrupt.signal.aborted) {
      process.stderr.write(`Interrupted; nothing was left behind. Again: ${SETUP}\n`);
      return 130;
    }
    process.stderr.write(`${isHasteError(error) ? error.message : String((error as Error).stack)}\n`);
    return 4;
  }
}
