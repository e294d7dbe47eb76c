// Importing a plugin changes nothing: no TensorFlow.js backend, kernel or gradient appears, no global, no listener. It is
// checked in a fresh process on the built packages, where only what is no plugin was imported before: zod, and core, whose
// tsyringe brings a tslib that leaves its helpers among the globals.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const SCRIPT = `
import { tf } from '@hastejs/tensor';
import '@hastejs/core';
import 'zod';
const state = () => ({
  backends: Object.keys(tf.engine().registryFactory),
  backend: tf.engine().backendName,
  kernels: ['cpu', 'wasm', 'tensorflow', 'torch'].map((name) => (tf.getKernelsForBackend(name) ?? []).length),
  gradients: ['MatMul', 'BatchMatMul', 'Softmax', 'Relu', 'Sum'].filter((name) => tf.getGradient(name)),
  tensors: tf.engine().state.numTensors,
  globals: Object.getOwnPropertyNames(globalThis).sort(),
  symbols: Object.getOwnPropertySymbols(globalThis).map(String).sort(),
  listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  cwd: process.cwd(),
});
const before = state();
const { builtins } = await import('@hastejs/haste');
await new Promise(setImmediate);
console.log(JSON.stringify({ before, after: state(), plugins: builtins.map(({ name }) => name) }));
`;

it('importing every built-in plugin changes nothing', () => {
  const cwd = join(__dirname, '../../packages/haste');
  const text = execFileSync(process.execPath, ['--input-type=module', '--eval', SCRIPT], { cwd, encoding: 'utf8' });
  const { before, after, plugins } = JSON.parse(text) as { before: object; after: object; plugins: string[] };
  expect(after).toEqual(before);
  expect(before).toMatchObject({ backends: [], tensors: 0 });
  expect(plugins.filter((name) => name.startsWith('@hastejs/')).length).toBeGreaterThan(10);
});
