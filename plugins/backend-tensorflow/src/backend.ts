import { type Backend, type BackendReport, HasteError, defineBackend } from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import { z } from 'zod';
import { mendKernels } from './kernels/mend.js';
import { BACKEND_NAME, type NodeBackend, load, loaded } from './load.js';
import { type LocateOptions, type PackageChoice, VERSION, advice, locate } from './locate.js';

const options = z.strictObject({
  package: z
    .enum(['auto', 'tfjs-node', 'tfjs-node-gpu'])
    .default('auto')
    .describe('Which of the two official packages to load; auto: tfjs-node-gpu if it loads, else tfjs-node.'),
});

/** TensorFlow.js' official Node backends, where one is installed. */
export const tensorflowBackend = defineBackend({
  id: 'backend/tensorflow',
  summary: 'TensorFlow through @tensorflow/tfjs-node-gpu or @tensorflow/tfjs-node, where one is installed.',
  options,
  create: ({ package: choice }) => makeBackend({ package: choice }),
});

/** @param where looks for the packages elsewhere than from the working directory. */
export function makeBackend(where: LocateOptions): Backend {
  return {
    name: BACKEND_NAME,
    // After wasm, whose kernels are written for training: on a processor a step of the quickstart takes half as long there.
    rank: 8,
    probe: async () => probe(where),
    details: async () => details(where),
    activate: () => activate(where),
  };
}

function probe(where: LocateOptions): BackendReport {
  const running = loaded();
  if (running) {
    return {
      available: true,
      device: deviceOf(running),
      version: `${VERSION}, TensorFlow ${running.binding.TF_Version}`,
    };
  }
  const located = locate(where);
  const first = located.candidates[0];
  if (!first) return { available: false, device: '', version: '', ...advice(located) };
  const device = first.name === 'tfjs-node' ? 'processor' : 'processor, or GPU if TensorFlow finds one at the start';
  return { available: true, device: `@tensorflow/${first.name}: ${device}`, version: VERSION };
}

function details(where: LocateOptions): string[] {
  const { candidates, faults } = locate(where);
  return [
    ...candidates.map(({ name, folder }) => `@tensorflow/${name} ${VERSION}: ${folder}`),
    ...faults.map(({ name, reason }) => `@tensorflow/${name} ${reason}`),
  ];
}

function deviceOf({ isGPUPackage, isUsingGpuDevice }: NodeBackend): string {
  const name = `@tensorflow/tfjs-node${isGPUPackage ? '-gpu' : ''}`;
  if (isUsingGpuDevice) return `${name}: GPU`;
  return `${name}: processor${isGPUPackage ? ' (TensorFlow found no GPU that it can use)' : ''}`;
}

async function activate(where: LocateOptions): Promise<void> {
  const backend = loaded() ?? loadFirst(where);
  refuseOther(backend, where.package ?? 'auto');
  mendKernels(backend);
  // Chosen here and nowhere else: the packages choose themselves on import, which load() takes back.
  if (await tf.setBackend(BACKEND_NAME)) return;
  throw unavailable('TensorFlow did not start.', deviceOf(backend), 'Look at what it printed above.');
}

function loadFirst(where: LocateOptions): NodeBackend {
  const located = locate(where);
  const failures: string[] = [];
  for (const candidate of located.candidates) {
    try {
      return load(candidate);
    } catch (error) {
      failures.push(`${(error as Error).message} (${candidate.folder})`);
    }
  }
  const { reason, fix } = advice(located);
  if (failures.length === 0) throw unavailable('TensorFlow is not installed.', reason, fix);
  throw unavailable('TensorFlow is installed, but it does not load.', failures.join('\n'), reinstall(where));
}

function reinstall({ package: choice = 'auto' }: LocateOptions): string {
  return choice === 'tfjs-node-gpu'
    ? 'It needs CUDA 11.2 and cuDNN 8.1. Use another backend (haste doctor lists them).'
    : 'Install it again: delete the folder, then see haste doctor.';
}

/** One process has one TensorFlow: the two packages cannot live side by side. */
function refuseOther({ isGPUPackage }: NodeBackend, choice: PackageChoice): void {
  const name = isGPUPackage ? 'tfjs-node-gpu' : 'tfjs-node';
  if (choice === 'auto' || choice === name) return;
  throw unavailable(
    `@tensorflow/${choice} was asked for, and @tensorflow/${name} is loaded already.`,
    'one process can load one of them',
    `Start a new process, or ask for ${name}.`,
  );
}

function unavailable(what: string, where: string, fix: string): HasteError {
  return new HasteError('BACKEND_UNAVAILABLE', { what, where, fix });
}
