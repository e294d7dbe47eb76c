import { createRequire } from 'node:module';
import { tf } from '@hastejs/tensor';
import type { Candidate } from './locate.js';
import { mendUtil } from './node-util.js';

/** The name under which both packages register themselves. */
export const BACKEND_NAME = 'tensorflow';

/** What is used of tfjs-node's NodeJSKernelBackend (4.22.0, pinned). */
export interface NodeBackend {
  readonly isGPUPackage: boolean;
  /** Whether TensorFlow computes on a GPU: the package's name says nothing about that. */
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

const require = createRequire(import.meta.url);

/** The backend if a package is loaded, by this plugin or by anybody else. */
export function loaded(): NodeBackend | undefined {
  const backend: unknown = tf.engine().backendNames().includes(BACKEND_NAME) ? tf.findBackend(BACKEND_NAME) : null;
  return (backend as NodeBackend | null) ?? undefined;
}

/**
 * Loads a package and lets it compute once. Whatever backend was chosen before is chosen afterwards: the packages choose
 * themselves when they are imported. If that fails, all that was registered is taken back.
 * @throws Error with what the package said.
 */
export function load({ name, folder }: Candidate): NodeBackend {
  const before = tf.getBackend() as string | null | undefined;
  mendUtil();
  quietTensorflow();
  try {
    const module = requireAlone(folder) as { readonly Tensor: unknown; engine(): unknown };
    if (module.engine() !== tf.engine() || module.Tensor !== tf.Tensor) {
      throw new Error('it came with a copy of tfjs-core of its own; npm dedupe makes it one');
    }
    checkItComputes();
    return loaded()!;
  } catch (error) {
    unregister();
    throw new Error(`@tensorflow/${name} does not load: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    if (before) void tf.setBackend(before);
  }
}

/**
 * Without the host's command line: node-pre-gyp, by which the packages find their native part, reads options of its own from
 * `process.argv`, and takes `--dir` for the folder to look in.
 */
function requireAlone(folder: string): unknown {
  const { argv } = process;
  process.argv = argv.slice(0, 2);
  try {
    return require(folder);
  } finally {
    process.argv = argv;
  }
}

function checkItComputes(): void {
  const sum = tf.tidy(() => tf.add(tf.scalar(1), tf.scalar(2)).dataSync()[0]);
  if (sum !== 3) throw new Error(`it says that 1 + 2 is ${sum}`);
}

function unregister(): void {
  if (tf.engine().backendNames().includes(BACKEND_NAME)) tf.removeBackend(BACKEND_NAME);
  for (const { kernelName } of tf.getKernelsForBackend(BACKEND_NAME)) tf.unregisterKernel(kernelName, BACKEND_NAME);
}

/** TensorFlow's notes on the processor go to stderr on its first use; warnings and errors stay. */
function quietTensorflow(): void {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';
}
