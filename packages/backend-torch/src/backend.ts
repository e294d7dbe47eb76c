import { type Backend, type BackendReport, HasteError, defineBackend } from '@hastejs/plugin-api';
import { z } from 'zod';
import { loadAddon } from './addon.js';
import { usesMatrixUnit } from './fused/products.js';
import { describeTorch } from './libtorch/describe.js';
import { findBuilt } from './libtorch/find-built.js';
import { record } from './record.js';
import { BACKEND_NAME, type TorchOptions, start, started } from './start.js';

const options = z.strictObject({
  device: z
    .string()
    .regex(/^(cpu|cuda(:\d+)?)$/, { error: 'expected "cpu", "cuda" or "cuda:0"' })
    .optional()
    .describe('Where tensors live; by default the first GPU, or the processor if there is none'),
  threads: z
    .number()
    .int()
    .min(1)
    .max(1024)
    .optional()
    .describe('Threads of an operator on the processor; by default as many as there are cores'),
  matmul: z
    .enum(['highest', 'high'])
    .default('high')
    .describe(
      'How float32 products are computed. highest: in float32. high: on processors with a matrix unit (AMX), as three products of bfloat16, with an error below 2⁻¹⁶ of each product; elsewhere the same as highest',
    ),
  graphs: z
    .boolean()
    .default(false)
    .describe('On a GPU, launch the whole training step as one graph (CUDA graph; libtorch 2.13 or newer)'),
});

/** TensorFlow.js on libtorch: the fast backend, on the libtorch that PyTorch or Debian brings. */
export const torchBackend = defineBackend({
  id: 'backend/torch',
  summary: 'libtorch, the library under PyTorch: the fast path, on processors and on current GPUs.',
  options,
  create: (given): Backend => ({
    name: BACKEND_NAME,
    rank: 30,
    probe: async () => probe(),
    details: () => describeTorch(),
    activate: () => activate(given),
    precisions: ['float32', 'bf16'],
    compute: (precision, f) => {
      const torch = started()!;
      const before = torch.precision;
      torch.precision = precision;
      try {
        return f();
      } finally {
        torch.precision = before;
      }
    },
    record: (inputs, f) => record(started()!, inputs, f),
    trim: () => started()?.addon.trim(started()!.device),
  }),
});

/** Before the backend starts, what was built; after, what it runs on. */
function probe(): BackendReport {
  const torch = started();
  if (torch) return { available: true, device: deviceInWords(), version: `libtorch ${torch.addon.version}` };
  const found = findBuilt();
  if (!('build' in found)) return { available: false, device: '', version: '', ...found };
  const { version, cuda } = found.build.manifest.libtorch;
  return { available: true, device: cuda ? 'CUDA, or the processor' : 'the processor', version: `libtorch ${version}` };
}

function deviceInWords(): string {
  const torch = started()!;
  const { addon, device } = torch;
  if (device !== 'cpu') return device;
  const threads = addon.threads();
  const products = usesMatrixUnit(torch) ? `${addon.cpuCapability()} and AMX` : addon.cpuCapability();
  return `processor with ${products}, ${threads} thread${threads === 1 ? '' : 's'}`;
}

async function activate(given: TorchOptions): Promise<void> {
  const found = findBuilt();
  if (!('build' in found)) {
    throw new HasteError('BACKEND_UNAVAILABLE', { what: found.reason, where: 'backend/torch', fix: found.fix });
  }
  const addon = loadAddon(found.build.addon);
  const wanted = given.device === 'cuda' ? 'cuda:0' : given.device;
  if (wanted !== undefined && !addon.devices().includes(wanted)) {
    throw new HasteError('BACKEND_UNAVAILABLE', {
      what: `libtorch ${addon.version} sees no ${wanted} here, only ${addon.devices().join(', ')}.`,
      where: 'backend/torch, device',
      fix: 'Leave device out, name one of these, or set up a libtorch with CUDA on a machine with a driver for it.',
    });
  }
  await start(addon, { ...given, device: wanted });
}
