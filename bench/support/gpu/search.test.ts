import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Found {
  readonly rows: number;
  readonly tried: readonly number[];
  readonly reason?: string;
}

/** In a process of its own: what is tested is an ES module. */
function search(limit: number, options: object): Found {
  const module = JSON.stringify(pathToFileURL(join(__dirname, 'search.mjs')).href);
  const fits = `async (rows) => (rows <= ${limit} ? { fits: true } : { fits: false, reason: rows + ' are too many' })`;
  const ask = `const { largestFit } = await import(${module}); console.log(JSON.stringify(await largestFit(${fits}, ${JSON.stringify(options)})));`;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', ask], { encoding: 'utf8' })) as Found;
}

describe('the search for the largest batch', () => {
  it('doubles, then bisects, in whole units', () => {
    const { rows, tried, reason } = search(45, { unit: 2, most: 1000, fineness: 0 });
    expect(rows).toBe(44);
    expect(tried.slice(0, 6)).toEqual([2, 4, 8, 16, 32, 64]);
    expect(reason).toBe('46 are too many');
  });

  it('ends where batches differ by little', () => {
    const { rows, tried } = search(45, { unit: 2, most: 1000, fineness: 0.25 });
    expect(rows).toBeLessThanOrEqual(44);
    expect(rows).toBeGreaterThanOrEqual(36);
    expect(tried.length).toBeLessThan(9);
  });

  it('asks for no more than it may, and says when nothing fits', () => {
    expect(search(1e9, { unit: 3, most: 12 })).toEqual({ rows: 12, tried: [3, 6, 12] });
    expect(search(0, { unit: 3, most: 12 })).toEqual({ rows: 0, tried: [3], reason: '3 are too many' });
  });
});
