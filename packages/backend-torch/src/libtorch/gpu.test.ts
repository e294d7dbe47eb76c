import { existsSync } from 'node:fs';
import { fakeMachine } from '#support/fake-libtorch.js';
import { hasNvidiaGpu } from './gpu.js';

const machine = fakeMachine();
const driver = existsSync('/proc/driver/nvidia/version');

it('believes nvidia-smi when it lists a GPU', async () => {
  await machine.program('nvidia-smi', 'echo "GPU 0: NVIDIA H100 (UUID: GPU-1)"');
  expect(await hasNvidiaGpu(machine.env())).toBe(true);
});

(driver ? it.skip : it)('finds none without a driver, or with one that lists nothing', async () => {
  expect(await hasNvidiaGpu(machine.env())).toBe(false);
  await machine.program('nvidia-smi', 'echo "NVIDIA-SMI has failed"; exit 9');
  expect(await hasNvidiaGpu(machine.env())).toBe(false);
});
