// The device, the libraries, and the addon: built for the libtorch that the usual order finds, if it is not there already.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { machine } from '../machine.mjs';
import { findPython } from '../python.mjs';

const run = promisify(execFile);
const SETUP = fileURLToPath(new URL('../../../packages/backend-torch/bin/haste-setup-torch.js', import.meta.url));
const PROBE = fileURLToPath(new URL('probe-arm.mjs', import.meta.url));

/** @returns checks, and facts for the heading of the report. */
export async function setup({ device }) {
  const { processor, cores, memoryGib, node, date } = machine();
  const facts = [`${processor}, ${cores} cores, ${memoryGib} GiB, Node ${node}, ${date.slice(0, 10)}`];
  facts.unshift(await driver());
  const built = await run(process.execPath, [SETUP]).then(
    ({ stdout }) => ({ ok: true, detail: /found (.*) in /.exec(stdout)?.[1] ?? '' }),
    ({ stderr, message }) => ({ ok: false, detail: (stderr || message).trim().split('\n').at(-1) }),
  );
  const checks = [{ name: 'the addon is built', ...built }];
  if (built.ok) {
    const { stdout } = await run(process.execPath, [PROBE, device]).catch(({ stdout: said }) => ({ stdout: said }));
    const probed = JSON.parse(stdout || '{"ok":false,"detail":"the backend did not start"}');
    checks.push({ name: `the backend runs on ${device}`, ...probed });
    if (probed.ok) facts.push(probed.detail);
  }
  const { torch, reason } = await findPython();
  checks.push({ name: 'PyTorch, the peer', ok: reason === undefined, detail: torch ?? reason.split('\n')[0] });
  if (torch) facts.push(`PyTorch ${torch}`);
  return { checks, facts };
}

/** As the driver's own tool says. */
async function driver() {
  const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'];
  const { stdout } = await run('nvidia-smi', query).catch(() => ({ stdout: '' }));
  const [name, memory, version] = stdout.trim().split('\n')[0].split(', ');
  return name ? `${name}, ${memory}, driver ${version}` : 'no NVIDIA driver answers here';
}
