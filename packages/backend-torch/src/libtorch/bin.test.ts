// The command as a person runs it: the built file, in a process of its own.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fakeMachine, libtorchFiles } from '#support/fake-libtorch.js';

const BIN = join(__dirname, '../../bin/haste-setup-torch.js');
const machine = fakeMachine();
const at = (name: string) => join(machine.root(), name);

/** It takes its time to end, too. */
const COMPILER = `
[ "$1" = --version ] && { echo fake; exit; }
trap 'kill $!; sleep 0.2; exit 1' TERM
sleep 60 > /dev/null 2>&1 &
echo compiling >> "$LOG"
wait
`;

/** Runs it with a compiler that never ends; a signal is sent once that compiler works. */
async function setup(argv: string[], signal?: NodeJS.Signals) {
  await machine.program('g++', COMPILER);
  await machine.write(libtorchFiles('torch'));
  const env = machine.env({ HASTE_TORCH_HOME: at('home'), LIBTORCH: at('torch') });
  const child = spawn(process.execPath, [BIN, ...argv], { env, cwd: machine.root() });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (more) => (text += more));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  if (signal !== undefined) {
    while (child.exitCode === null && !existsSync(env.LOG!)) await sleep(20);
    child.kill(signal);
    // As npm does, which forwards what the terminal has sent already.
    await sleep(5);
    child.kill(signal);
  }
  return { status: await ended, text: () => text };
}

it.each(['SIGINT', 'SIGTERM'] as const)('ends in order at %s: nothing half-written, no lock', async (signal) => {
  const { status, text } = await setup([], signal);
  expect(status).toBe(130);
  expect(text()).toMatch(/\[ +\d+\.\d s\] found libtorch 2\.13\.0\+cpu \(CPU\) in [^]*go on with npm run setup:torch/);
  expect(existsSync(at('home/setup.lock'))).toBe(false);
  const left = readdirSync(at('home'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(left.map(({ name }) => name)).toEqual([]);
});

it('explains itself, and says what is wrong with a command line', async () => {
  const help = await setup(['--help']);
  expect([help.status, help.text()]).toEqual([0, expect.stringContaining('--libtorch <folder>')]);
  const wrong = await setup(['--jobs', 'x']);
  expect([wrong.status, wrong.text()]).toEqual([2, expect.stringMatching(/--jobs must be .*\[USAGE\]/)]);
});

it('ends with 4 when this machine cannot', async () => {
  const { status, text } = await setup(['--libtorch', '/nowhere']);
  expect([status, text()]).toEqual([4, expect.stringMatching(/BACKEND_UNAVAILABLE[^]*LIBTORCH \(\/nowhere\)/)]);
});
