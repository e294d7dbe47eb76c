// The project's own suites, told to run on the device.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const JEST = ['node_modules/jest/bin/jest.js', '--runInBand'];

/** Of each suite a few tests, for trying the command. */
const SUITES = {
  golden: { args: [...JEST, 'test/golden/golden.torch'], few: ['-t', 'highest.*(paths|timestep)'] },
  conformance: { args: ['test/conformance/run.mjs', '--backend', 'torch'], few: ['--grep', '^(floorDiv|matmul) '] },
  repeated: { args: [...JEST, 'test/phases/repeated-steps'], few: ['-t', 'plain training|begin with the fourth'] },
};

/** @returns the one check of a suite: its last words about counts. */
export async function suite(name, { device, quick }) {
  const { args, few } = SUITES[name];
  const { code, text } = await node([...args, ...(quick ? few : [])], device);
  const counts = /^Tests:.*$|^\d+ specs in .*$/m.exec(text)?.[0] ?? text.trim().split('\n').at(-1);
  const ran = /[1-9]\d* passed/.test(counts);
  const failures = text.match(/^\s+● .*$|^- .*$/gm) ?? [];
  const detail = [counts.trim(), ...new Set(failures.map((line) => line.trim()))].slice(0, 6).join('; ');
  return { checks: [{ name: `suite: ${name}`, ok: code === 0 && ran, detail }] };
}

function node(args, device) {
  const env = { ...process.env, HASTE_TEST_DEVICE: device };
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
    child.on('close', (code) => resolve({ code, text }));
  });
}
