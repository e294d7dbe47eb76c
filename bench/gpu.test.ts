// The command for GPU machines, tried on the processor with tiny models: what it finds there, and that it can fail.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { whereItRuns } from '#support/backends.js';
import { temporaryFolder } from '#support/toy-run.js';

interface Found {
  readonly checks: readonly { readonly name: string; readonly ok: boolean | null; readonly detail: string }[];
  readonly tables: readonly { readonly title: string; readonly rows: readonly string[][] }[];
  readonly left: readonly { readonly what: string }[];
}

const run = promisify(execFile);
const folder = temporaryFolder();

const gpu = (...args: string[]) =>
  run(process.execPath, [join(__dirname, 'run.mjs'), 'gpu', '--device', 'cpu', '--quick', ...args]).catch(
    (error: { code: number; stdout: string; stderr: string }) => error,
  );

describe('bench gpu', () => {
  whereItRuns('torch', () => {
    it('finds the largest batch that fits both sides, and that both live on', async () => {
      const json = folder.path('found.json');
      const { stdout } = await gpu('--only', 'behaviour,conformance,xl-free', '--json', json);
      const { checks, tables, left } = JSON.parse(await readFile(json, 'utf8')) as Found;
      expect(checks.filter(({ ok }) => ok === false)).toEqual([]);
      expect(left).toEqual([]);
      // Limits of 30 and 21 rows were agreed.
      expect(checks.find(({ name }) => name.includes('xl-mini-free, ours'))!.detail).toContain(
        '30 rows of 3, 6, 12, 24,',
      );
      expect(tables[0]!.title).toContain('21 rows');
      expect(tables[0]!.rows.map(([side]) => side)).toEqual(['ours', 'ours, graphs', 'PyTorch eager bf16']);
      expect(checks.filter(({ name }) => name.startsWith('agreement')).map(({ ok }) => ok)).toEqual([true, true]);
      expect(stdout).toContain('| suite: conformance | passed |');
      expect(stdout).toContain(`**${tables[0]!.title}**`);
    }, 180_000);
  });

  it('begins no part for which there is no time, and says so', async () => {
    const result = await gpu('--only', 'golden,conformance', '--seconds', '5');
    expect(result).toMatchObject({ code: 1 });
    expect(result.stdout).toContain('Not run: golden (no time: 5 s in all); conformance');
  });

  it('says what there is when asked for what there is not', async () => {
    expect((await gpu('--only', 'warp')).stderr).toContain("no part 'warp', but setup, behaviour,");
    expect((await gpu('--seconds', 'all')).stderr).toContain("not 'all'");
  });
});
