import { tf } from '@hastejs/tensor';

type KernelFunction = (...parameters: never[]) => unknown;

/** Runs `f` and counts the kernels that the active backend, whichever `f` makes active among those given, is asked for. */
export async function countKernels(backend: string, f: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const originals = tf.getKernelsForBackend(backend).map((kernel) => [kernel, kernel.kernelFunc] as const);
  for (const [kernel, original] of originals) {
    kernel.kernelFunc = ((...parameters: never[]) => {
      count++;
      return (original as KernelFunction)(...parameters);
    }) as typeof kernel.kernelFunc;
  }
  try {
    await f();
  } finally {
    for (const [kernel, original] of originals) kernel.kernelFunc = original;
  }
  return count;
}
