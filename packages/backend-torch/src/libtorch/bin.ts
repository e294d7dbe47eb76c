import { isHasteError } from '@hastejs/plugin-api';
import { SETUP } from './home.js';
import { HELP, parseSetup } from './setup-options.js';
import { type SetupResult, setup } from './setup.js';

const started = performance.now();
const say = (line: string) => {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`[${seconds.padStart(6)} s] ${line}\n`);
};

/**
 * One Ctrl-C can arrive twice: the terminal signals the whole process group, and npm forwards the signal to its child as
 * well. Within this time it is the same one; a later one ends the process at once.
 */
const SAME_PRESS_MS = 300;
const interrupt = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  const heard = () => {
    interrupt.abort();
    setTimeout(() => process.off(name, heard), SAME_PRESS_MS).unref();
  };
  process.on(name, heard);
}

process.exitCode = await main();

/** 0: ready. 2: bad usage. 4: this machine cannot, or something is missing. 130: interrupted. */
async function main(): Promise<number> {
  try {
    const options = parseSetup(process.argv.slice(2));
    if (options.help) process.stdout.write(`${HELP}\n`);
    else ready(await setup(options, { cwd: process.cwd(), env: process.env, signal: interrupt.signal, say }));
    return 0;
  } catch (error) {
    if (interrupt.signal.aborted) {
      process.stderr.write(`Interrupted. What was compiled is kept: go on with ${SETUP}\n`);
      return 130;
    }
    process.stderr.write(`${isHasteError(error) ? error.message : String((error as Error).stack)}\n`);
    return isHasteError(error, 'USAGE') ? 2 : 4;
  }
}

function ready({ libtorch, build, built }: SetupResult): void {
  const { manifest, addon } = build;
  say(built ? 'the torch backend is ready' : 'the torch backend was ready already');
  process.stdout.write(`
  libtorch  ${libtorch.version}, ${libtorch.cuda ? 'CUDA' : 'CPU'}: ${libtorch.root}
  addon     ${addon}
  compiler  ${manifest.compiler}

Next: haste doctor (here: npm run haste -- doctor) shows it among the backends; runs take it by themselves.
`);
}
