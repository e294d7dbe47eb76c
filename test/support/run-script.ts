import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** Runs `node scripts/<script>.mjs` in the repository, with arguments, and never throws. */
export function runScript(script: string, ...args: string[]): { code: number | null; out: string; err: string } {
  const file = join(ROOT, 'scripts', `${script}.mjs`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { cwd: ROOT, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}
