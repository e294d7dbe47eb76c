import { cpuBackend } from '@hastejs/backend-cpu';
import { tensorflowBackend } from '@hastejs/backend-tensorflow';
import { torchBackend } from '@hastejs/backend-torch';
import { wasmBackend } from '@hastejs/backend-wasm';
import { tf } from '@hastejs/tensor';

/** Backends by the name that the command takes, through their plugins, as a run has them. */
const BACKENDS = {
  cpu: () => cpuBackend.create({}, {}),
  wasm: () => wasmBackend.create({ threads: 1 }, {}),
  tensorflow: () => tensorflowBackend.create({ package: 'auto' }, {}),
  torch: () => torchBackend.create({ device: process.env.HASTE_TEST_DEVICE, matmul: 'highest' }, {}),
};

export const NAMES = Object.keys(BACKENDS);

/** Activates a backend for good. */
export async function activate(name) {
  const backend = await BACKENDS[name]();
  await backend.activate();
  // Before each group of specs the suite resets the engine, which would dispose of the backend and make another, without
  // what our plugin did to it.
  const instance = tf.backend();
  instance.dispose = () => {};
  tf.engine().registryFactory[backend.name].factory = () => instance;
  return backend;
}
