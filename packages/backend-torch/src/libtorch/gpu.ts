import { existsSync } from 'node:fs';
import { type Env, run } from './run.js';

/** Whether an NVIDIA driver is at work here: then the CUDA build of PyTorch is worth its gigabytes. */
export async function hasNvidiaGpu(env: Env, signal?: AbortSignal): Promise<boolean> {
  if (existsSync('/proc/driver/nvidia/version')) return true;
  // In some containers, and in WSL, the driver shows no other sign.
  const { status, stdout } = await run('nvidia-smi', ['-L'], { env, signal, timeoutMs: 30_000 });
  return status === 0 && stdout.includes('GPU ');
}
