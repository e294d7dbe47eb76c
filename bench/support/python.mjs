// Finds a Python that can import torch.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ASK = 'import torch; print(torch.__version__)';

/**
 * In this order: `HASTE_BENCH_PYTHON`, which must do if it is set; the environment that `npm run setup:torch` makes;
 * `python3` on the path.
 * @returns {Promise<{ command: string, torch: string } | { reason: string }>}
 */
export async function findPython(env = process.env) {
  const reasons = [];
  for (const command of candidates(env)) {
    try {
      const { stdout } = await promisify(execFile)(command, ['-c', ASK], { env, timeout: 60_000 });
      return { command, torch: stdout.trim() };
    } catch (error) {
      reasons.push(`${command}: ${error.stderr?.trim().split('\n').at(-1) || error.message}`);
    }
  }
  return {
    reason:
      `The peer needs a Python with PyTorch, and there is none here (${reasons.join('; ')}).\n` +
      'Run: npm run setup:torch, or set HASTE_BENCH_PYTHON to a Python that can import torch.',
  };
}

function candidates(env) {
  if (env.HASTE_BENCH_PYTHON) return [env.HASTE_BENCH_PYTHON];
  const own = join(env.HASTE_TORCH_HOME ?? join(ROOT, '.haste/torch'), 'venv/bin/python');
  return [...(existsSync(own) ? [own] : []), 'python3'];
}
