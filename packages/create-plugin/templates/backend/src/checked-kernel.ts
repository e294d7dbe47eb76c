import type { TensorInfo, tf } from '@hastejs/tensor';

type Kernel = ReturnType<typeof tf.getKernelsForBackend>[number];
type Values = ArrayLike<number | string>;
interface ReadingBackend {
  readSync(dataId: object): Values;
}

/**
 * A kernel of another backend, under a backend of its own name, that throws when it makes what is not finite out of what is.
 * A number that came in wrong is nobody's fault here: the kernel that made it has thrown, or nobody uses it.
 */
export function checkedKernel(kernel: Kernel, backendName: string, infinite: boolean): Kernel {
  const { kernelName, kernelFunc } = kernel;
  const isWrong = (value: unknown): boolean =>
    typeof value === 'number' && (infinite ? !Number.isFinite(value) : Number.isNaN(value));
  return {
    ...kernel,
    backendName,
    kernelFunc: (call) => {
      const result = kernelFunc(call);
      const backend = call.backend as ReadingBackend;
      const holdsWrong = (tensor: TensorInfo | null | undefined): boolean => {
        // Complex numbers are two tensors, and not looked at.
        if (!tensor || tensor.dtype !== 'float32') return false;
        const values = backend.readSync(tensor.dataId);
        for (let n = 0; n < values.length; n++) if (isWrong(values[n])) return true;
        return false;
      };
      if (!tensorsOf(result).some(holdsWrong) || tensorsOf(call.inputs).some(holdsWrong)) return result;
      const shapes = Object.entries(call.inputs).flatMap(([name, given]) =>
        tensorsOf(given as TensorInfo | TensorInfo[]).map(({ shape }) => `${name} [${shape.join(', ')}]`),
      );
      throw new Error(
        `${kernelName} made a number that is not finite, from finite ones: ${shapes.join(', ') || 'no input'}.`,
      );
    },
  };
}

/** The tensors of a kernel's inputs, by name or in a list, or of its output. */
function tensorsOf(given: TensorInfo | readonly TensorInfo[] | Readonly<Record<string, unknown>>): TensorInfo[] {
  if (Array.isArray(given)) return given.flatMap((one: TensorInfo) => tensorsOf(one));
  if ('dataId' in given) return [given as unknown as TensorInfo];
  return Object.values(given).flatMap((one) => (one ? tensorsOf(one as TensorInfo) : []));
}
