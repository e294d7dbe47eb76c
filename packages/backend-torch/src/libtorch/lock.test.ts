import { existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFiles } from '#support/temporary-files.js';
import { whileLocked } from './lock.js';

const files = temporaryFiles();
const lock = () => join(files.root(), 'setup.lock');
const quiet = { say: () => undefined };

it('lets one work after the other, and leaves no lock', async () => {
  const log: string[] = [];
  const work = (name: string) => async () => {
    log.push(`${name} begins`);
    await sleep(50);
    log.push(`${name} ends`);
  };
  const said: string[] = [];
  const second = { say: (line: string) => said.push(line) };
  await Promise.all([
    whileLocked(files.root(), quiet, work('a')),
    sleep(20).then(() => whileLocked(files.root(), second, work('b'))),
  ]);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  expect(said).toEqual([expect.stringMatching(`waiting for another setup, process ${process.pid} `)]);
  expect(existsSync(lock())).toBe(false);
});

it('does not wait for a process that has died', async () => {
  const { pid } = spawnSync('true');
  await files.write({ 'setup.lock': String(pid) });
  expect(await whileLocked(files.root(), quiet, async () => 'done')).toBe('done');
});

it('gives the lock back when the work fails', async () => {
  await expect(whileLocked(files.root(), quiet, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(lock())).toBe(false);
});

it('can be interrupted while it waits, and leaves the lock to its owner', async () => {
  await files.write({ 'setup.lock': String(process.pid) });
  const interrupt = new AbortController();
  const options = { say: () => interrupt.abort(), signal: interrupt.signal };
  await expect(whileLocked(files.root(), options, async () => undefined)).rejects.toThrow(/abort/i);
  expect(existsSync(lock())).toBe(true);
});
