import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { plainImage, useTemporaryFolder, writeFiles } from '#support/images.js';
import { DecodePool } from './pool.js';

const OPTIONS = { size: 16, channels: 3 } as const;
const PATHS = Array.from({ length: 10 }, (_, i) => `a/${i}.png`);

describe('DecodePool', () => {
  const folder = useTemporaryFolder();
  const module = async (source: string): Promise<URL> => {
    await writeFiles(folder(), { 'worker.mjs': source });
    return pathToFileURL(join(folder(), 'worker.mjs'));
  };

  it('decodes many images at once, each to its own caller', async () => {
    const images = await Promise.all(
      PATHS.map(async (path, i) => [path, await plainImage(`rgb(${i}, 0, 0)`)] as const),
    );
    await writeFiles(folder(), Object.fromEntries(images));
    const pool = new DecodePool(OPTIONS, 2);
    const pixels = await Promise.all(PATHS.map((path) => pool.decode(join(folder(), path))));
    expect(pixels.map(([red]) => red)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await pool.dispose();
  });

  it('goes on after a bad file', async () => {
    await writeFiles(folder(), { 'bad.png': 'hello', 'good.png': await plainImage('red') });
    const pool = new DecodePool(OPTIONS, 1);
    const bad = pool.decode(join(folder(), 'bad.png'));
    const gone = pool.decode(join(folder(), 'gone.png'));
    const good = pool.decode(join(folder(), 'good.png'));
    await expect(bad).rejects.toMatchObject({
      fault: { kind: 'image', reason: 'it is not a PNG, JPEG or WebP image' },
    });
    await expect(gone).rejects.toMatchObject({ fault: { kind: 'file', reason: expect.stringContaining('ENOENT') } });
    expect((await good)[0]).toBe(255);
    await pool.dispose();
  });

  it.each([
    ['throws', 'setTimeout(() => { throw new Error("out of luck"); }, 50);', 'out of luck'],
    ['exits', 'setTimeout(() => process.exit(3), 50);', 'it exited with code 3'],
    ['cannot start', 'import "no-such-module";', "Cannot find package 'no-such-module'"],
  ])('fails, and does not hang, when a thread %s', async (_name, source, reason) => {
    const listen = 'import { parentPort } from "node:worker_threads"; parentPort.on("message", () => {});\n';
    const pool = new DecodePool(OPTIONS, 2, await module(listen + source));
    const results = await Promise.allSettled(PATHS.map((path) => pool.decode(path)));
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'EXTENSION_FAILED' } });
      expect((result as PromiseRejectedResult).reason.what).toContain(`An image decoding thread ended: ${reason}`);
    }
    await expect(pool.decode('later')).rejects.toThrow('An image decoding thread ended');
    await pool.dispose();
    expect(threads()).toBe(0);
  });

  it('rejects what is under way when disposed, and what comes after', async () => {
    const silent = 'import { parentPort } from "node:worker_threads"; parentPort.on("message", () => {});';
    const pool = new DecodePool(OPTIONS, 1, await module(silent));
    const jobs = PATHS.map((path) => pool.decode(path).catch((error: Error) => error.message));
    await pool.dispose();
    await pool.dispose();
    jobs.push(pool.decode('later').catch((error: Error) => error.message));
    expect(await Promise.all(jobs)).toEqual(Array(11).fill('The image decoder was closed.'));
  });

  it('keeps the process alive for an image under way, and no longer; not disposing hangs nothing', async () => {
    await writeFiles(folder(), { 'a.png': await plainImage('red') });
    const pool = pathToFileURL(join(__dirname, '../../dist/decode/pool.js')).href;
    const script = `import { DecodePool } from ${JSON.stringify(pool)};
      const pool = new DecodePool({ size: 16, channels: 3 }, 2);
      const [red] = await pool.decode(${JSON.stringify(join(folder(), 'a.png'))});
      console.log('red', red);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
      timeout: 20_000,
    });
    expect(stdout).toBe('red 255\n');
  });

  it('frees its threads and the pixels they made', async () => {
    await writeFiles(folder(), { 'a.png': await plainImage('red', { width: 512, height: 512 }) });
    const pool = new DecodePool({ size: 512, channels: 3 }, 2);
    const path = join(folder(), 'a.png');
    const decodeAll = async () => (await Promise.all(PATHS.map(() => pool.decode(path)))).map((p) => new WeakRef(p));
    const pixels = await decodeAll();
    expect(threads()).toBe(2);
    // A weak reference holds its target to the end of the current job.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(pixels.filter((reference) => reference.deref())).toEqual([]);
    await pool.dispose();
    expect(threads()).toBe(0);
  });
});

/** Threads of this process that were started since this file began: Jest runs many files in one process. */
const threads = (): number => workerIds().filter((id) => !others.has(id)).length;
const others = new Set(workerIds());

function workerIds(): number[] {
  const report = process.report.getReport() as unknown as { workers: { header: { threadId: number } }[] };
  return report.workers.map(({ header }) => header.threadId);
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
