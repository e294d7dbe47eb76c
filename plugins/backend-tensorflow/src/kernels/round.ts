import { type TensorInfo, tf } from '@hastejs/tensor';
import { BACKEND_NAME } from '../load.js';

interface CountingBackend {
  incRef(dataId: object): void;
}

/** TensorFlow's Round of int32 gives zeros in the releases that its wheels hold; integers are round as they are. */
export function mendRound(): void {
  const stock = tf.getKernel('Round', BACKEND_NAME)!.kernelFunc;
  tf.unregisterKernel('Round', BACKEND_NAME);
  tf.registerKernel({
    kernelName: 'Round',
    backendName: BACKEND_NAME,
    kernelFunc: (call) => {
      const { dataId, shape, dtype } = call.inputs['x'] as TensorInfo;
      if (dtype !== 'int32') return stock(call);
      (call.backend as CountingBackend).incRef(dataId);
      return { dataId, shape, dtype };
    },
  });
}
