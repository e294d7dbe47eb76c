import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { useTemporaryFolder } from '#support/images.js';
import { withLock } from './lock.js';

const folder = useTemporaryFolder();
const path = () => join(folder(), 'locks', 'a.lock');

async function held(by: string, ageSeconds = 0): Promise<void> {
  await mkdir(dirname(path()), { recursive: true });
  await writeFile(path(), by);
  const then = new Date(Date.now() - 1000 * ageSeconds);
  await utimes(path(), then, then);
}

/** Runs under the lock, or gives up when it has to wait. */
async function attempt(): Promise<string> {
  const controller = new AbortController();
  const onWait = () => controller.abort(new Error('it waits'));
  return withLock(path(), { signal: controller.signal, onWait }, async () => 'ran');
}

const elsewhere = JSON.stringify({ pid: 1, host: 'another machine' });

it('lets one in at a time, and the next one after it, even where it fails', async () => {
  const signal = new AbortController().signal;
  let inside = 0;
  let most = 0;
  const body = async () => {
    most = Math.max(most, ++inside);
    await new Promise(setImmediate);
    inside -= 1;
    throw new Error('failed');
  };
  const all = Array.from({ length: 3 }, () => withLock(path(), { signal, onWait: () => undefined }, body));
  for (const { reason } of (await Promise.allSettled(all)) as PromiseRejectedResult[]) {
    expect(reason).toEqual(new Error('failed'));
  }
  expect(most).toBe(1);
  expect(await readdir(dirname(path()))).toEqual([]);
});

it('waits for a holder on another machine that lives', async () => {
  await held(elsewhere, 30);
  await expect(attempt()).rejects.toThrow('it waits');
});

it('waits for a holder that has not written its name yet', async () => {
  await held('');
  await expect(attempt()).rejects.toThrow('it waits');
});

it.each(['', elsewhere])('takes over what has not been touched for minutes: %j', async (by) => {
  await held(by, 120);
  expect(await attempt()).toBe('ran');
});
