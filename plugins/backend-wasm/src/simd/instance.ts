import { buildKernels } from './build.js';
import { vec } from './expressions.js';
import { ModuleBuilder } from './module.js';
import { Instance, Module, type WasmMemory, isShared, validate } from './webassembly.js';

type Activation = 'silu' | 'geluTanh' | 'geluErf';
export type KernelName =
  | Activation
  | `${Activation | 'gatedAdd' | 'layerNorm' | 'attention' | 'attentionCrossEntropy'}Grad`
  | 'gatedAdd'
  | 'layerNorm'
  | 'attention'
  | 'attentionCrossEntropy'
  | 'matmul'
  | 'copyRows'
  | 'sumRows'
  | 'adamw'
  | 'ema'
  | 'sumOfSquares';

/** The kernels by name. They take addresses in bytes, counts, and floats, in the order their definitions state. */
export type Simd = Readonly<Record<KernelName, (...args: number[]) => void>>;

/** The kernels, compiled for a memory; threads that share the memory instantiate the same module. */
export function compileKernels(memory: WasmMemory): object {
  return new Module(buildKernels(isShared(memory) ? 'shared' : 'own'));
}

export function instantiate(module: object, memory: WasmMemory): Simd {
  return new Instance(module, { env: { memory } }).exports as Simd;
}

/** Whether this machine can run them. */
export function simdSupported(): boolean {
  const module = new ModuleBuilder();
  module.define('probe', [], (f) => f.value(vec(1)));
  return validate(module.assemble());
}
