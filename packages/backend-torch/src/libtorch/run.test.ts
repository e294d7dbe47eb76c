import { fakeMachine } from '#support/fake-libtorch.js';
import { run } from './run.js';

const machine = fakeMachine();

it('gives what a program printed and how it ended, and its lines as they come', async () => {
  await machine.program('talk', 'printf "one\\ntwo"; printf "!\\n" >&1; echo no >&2; exit 3');
  const lines: string[] = [];
  const ran = await run('talk', [], { env: machine.env(), onLine: (line) => lines.push(line) });
  expect(ran).toEqual({ status: 3, started: true, stdout: 'one\ntwo!\n', stderr: 'no\n' });
  expect(lines).toEqual(['one', 'two!']);
});

it('tells a program that is not there from one that fails', async () => {
  expect(await run('absent', [], { env: machine.env() })).toMatchObject({ status: null, started: false });
  await machine.write({ 'bin/locked': '' });
  expect(await run('locked', [], { env: machine.env() })).toMatchObject({ status: null, started: false });
});

it('keeps no timer, which would hold the process, for a program that is not there', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  await run('absent', [], { env: machine.env(), timeoutMs: 60_000 });
  expect(timers()).toBe(before);
});

it('ends a program at its limit', async () => {
  await machine.program('hang', 'exec sleep 60');
  expect(await run('hang', [], { env: machine.env(), timeoutMs: 50 })).toMatchObject({ status: null, started: true });
});

it('ends a program when it is interrupted, and starts none after', async () => {
  await machine.program('hang', 'echo up; exec sleep 60');
  const interrupt = new AbortController();
  const options = { env: machine.env(), signal: interrupt.signal };
  const hanging = run('hang', [], { ...options, onLine: () => interrupt.abort(new Error('stop')) });
  await expect(hanging).rejects.toThrow('stop');
  await expect(run('hang', [], options)).rejects.toThrow('stop');
});
