import { cpuBackend } from '@hastejs/backend-cpu';
import { type Backend, type Recordable, defineBackend } from '@hastejs/plugin-api';
import { type Tensor, tf } from '@hastejs/tensor';
import { backendContract } from '@hastejs/testkit';
import { z } from 'zod';
import { activateBackend } from '#support/backends.js';
import { type BrokenTable, expectCaught } from './expect-caught.js';

/** Names of backends that this file has registered. */
const registered: string[] = [];
beforeAll(() => activateBackend('cpu'));
afterEach(async () => {
  await tf.setBackend('cpu');
  for (const name of registered.splice(0)) tf.removeBackend(name);
});

type KernelFunc = (call: { inputs: Record<string, Tensor>; attrs: object; backend: object }) => unknown;

/**
 * A backend that is cpu under another name, with something broken.
 * @param kernels in place of those of cpu, by name.
 */
const broken = (
  name: string,
  change: Partial<Backend>,
  kernels: Record<string, (good: KernelFunc) => KernelFunc> = {},
) =>
  backendContract(
    defineBackend({
      id: `broken/${name}`,
      summary: 'Broken on purpose.',
      options: z.strictObject({}),
      create: async (): Promise<Backend> => {
        const cpu = await cpuBackend.create({}, {});
        return { ...cpu, name, activate: () => activateCopy(name, kernels), ...change };
      },
    }),
  );

async function activateCopy(name: string, kernels: Record<string, (good: KernelFunc) => KernelFunc>): Promise<void> {
  if (!tf.engine().registryFactory[name]) {
    registered.push(name);
    const { constructor } = tf.findBackend('cpu') as object as { constructor: new () => object };
    tf.registerBackend(name, () => Object.assign(new constructor(), { firstUse: false }) as never);
    for (const kernel of tf.getKernelsForBackend('cpu')) {
      const change = kernels[kernel.kernelName];
      const kernelFunc = change ? change(kernel.kernelFunc as never) : kernel.kernelFunc;
      tf.registerKernel({ ...kernel, backendName: name, kernelFunc: kernelFunc as never });
    }
  }
  await tf.setBackend(name);
}

/** A recording that calls the function again, correct. */
const record: NonNullable<Backend['record']> = (inputs, f) => {
  void inputs;
  const result: Recordable = f();
  const replay = () => 'it was not asked to';
  return {
    result: result as never,
    recording: { difference: () => null, kept: [null], replay, dispose: () => undefined },
  };
};

const TABLE: BrokenTable<'backend'> = {
  'changes nothing when it is created and looks': [
    [broken('eager', { probe: async () => { await activateCopy('eager', {}); return { available: true, device: 'x', version: '1' }; } }), 'A look made eager the backend.'], // prettier-ignore
    [broken('computing', { probe: async () => { tf.scalar(1); return { available: true, device: 'x', version: '1' }; } }), 'A look made 1 tensor.'], // prettier-ignore
    [broken('mute', { probe: async () => ({ available: true }) as never }), 'It reports {"available":true}.'],
    [broken('sulking', { probe: async () => ({ available: false, device: '', version: '', reason: 'No.' }) }), 'It is not available and says {"available":false,"device":"","version":"","reason":"No."}.'], // prettier-ignore
  ],
  "becomes TensorFlow.js' backend under its name, however often": [
    [broken('idle', { activate: async () => undefined }), 'Activated, TensorFlow.js computes on cpu, and it calls itself idle.'], // prettier-ignore
    [broken('fickle', (() => { let times = 0; return { activate: () => (times++ === 0 ? activateCopy('fickle', {}) : tf.setBackend('cpu').then(() => undefined)) }; })()), 'Activated again, TensorFlow.js computes on cpu, and it calls itself fickle.'], // prettier-ignore
    [broken('absent', { probe: async () => ({ available: false, device: '', version: '', reason: 'There is no GPU.', fix: 'Find one.' }) }), 'It cannot run on this machine: There is no GPU.'], // prettier-ignore
  ],
  'computes what the reference computes, with its gradients': [
    [broken('untransposed', {}, { BatchMatMul: (good) => ({ attrs, ...call }) => good({ ...call, attrs: { ...attrs, transposeA: false } }) }), /Error in matMul|is off by/], // prettier-ignore
    [broken('rough', {}, { Tanh: (good) => (call) => good({ ...call, inputs: { x: tf.mul(call.inputs['x']!, 1.01) } }) }), /^Its (value|gradient for \w+) of .* is off by 0\.0\d+ of the largest number, 0\.0001 being allowed\.$/], // prettier-ignore
  ],
  'frees what is disposed of': [
    [broken('hoarding', {}, { Neg: (good) => (call) => { tf.engine().backend.write(new Float32Array(1), [1], 'float32'); return good(call); } }), /^It keeps the data of \d+ tensors? that nobody has any more\.$/], // prettier-ignore
  ],
  'trains as the reference trains': [
    [broken('drifting', {}, { Sin: (good) => (call) => good({ ...call, inputs: { x: tf.mul(call.inputs['x']!, 1.1) } }) }), /^In a run, [\w/]+ is -?[\d.]+ at step 1, and -?[\d.]+ on the reference\.$/], // prettier-ignore
  ],
  'computes in the precisions that it names': [
    [broken('naming', { precisions: ['float32', 'bf16'] }), 'It names bf16 and has no compute().'],
    [broken('answering', { compute: () => undefined as never }), "compute('float32', f) did not give what f gave."],
    [broken('swallowing', { compute: (_precision, f) => { try { return f(); } catch { return undefined as never; } } }), "compute('float32', f) swallowed what f threw."], // prettier-ignore
  ],
  'repeats what it has recorded, bit for bit': [
    [broken('refusing', { record }), 'It recorded a linear layer, and did not repeat it: it was not asked to'],
    [broken('stale', { record: (inputs, f) => { const { result, recording } = record(inputs, f); return { result, recording: { ...(recording as object), replay: () => [tf.clone(result.outputs[0]!)] } as never }; } }), 'Repeated on other inputs, a recording gives other numbers than the code.'], // prettier-ignore
  ],
  'gives memory back without a word': [
    [
      broken('forgetful', {
        trim: () => {
          for (const tensor of alive()) (tensor.dataSync() as Float32Array).fill(0);
        },
      }),
      'trim() lost the values of a tensor that is alive.',
    ],
  ],
};

/** Tensors made by `tensor1d` since the spy began to look. */
const made: Tensor[] = [];
const alive = (): Tensor[] => made.filter((tensor) => !tensor.isDisposed);
beforeEach(() => {
  made.length = 0;
  const original = tf.tensor1d;
  jest.spyOn(tf, 'tensor1d').mockImplementation((...given: Parameters<typeof tf.tensor1d>) => {
    const tensor = original(...given);
    made.push(tensor);
    return tensor;
  });
});
afterEach(() => jest.restoreAllMocks());

describe('a broken backend is caught', () => expectCaught(TABLE));
