// What a figure depends on besides the code.
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';

/** Instruction sets that matrix products are chosen by. */
const FLAGS = ['avx2', 'avx512f', 'avx512_bf16', 'avx512_fp16', 'avx_vnni', 'amx_bf16', 'amx_fp16', 'amx_int8'];
const ARM_FLAGS = ['asimd', 'sve', 'sve2', 'bf16', 'i8mm'];

export function machine() {
  return {
    date: new Date().toISOString(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    flags: flags(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    load: Number(loadavg()[0].toFixed(2)),
    system: `${platform()} ${release()}`,
    node: process.version,
  };
}

/** Where the system tells them; empty elsewhere. */
function flags() {
  if (platform() !== 'linux') return [];
  const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'));
  const all = new Set(line?.[1].split(' '));
  return [...FLAGS, ...ARM_FLAGS].filter((flag) => all.has(flag));
}
