import { cpuBackend } from '@hastejs/backend-cpu';
import { type Backend, type Notices, Services } from '@hastejs/plugin-api';
import { type Scalar, type Tensor, disposeParams, mapParams, tf, valueAndGrads } from '@hastejs/tensor';
import type { Bench } from '../../bench/bench.js';
import { must } from '../../contract/contract-fault.js';
import { normalInput } from '../../measure/tensors.js';
import { type Computation, compute } from './computations.js';

type Subject = Bench<'backend'>;

/** The reference is where every check begins. */
export async function toReference(): Promise<void> {
  await (await cpuBackend.create({}, {})).activate();
}

/** Created as core creates it, without being activated. */
export async function made({ extension, contractCase, run }: Subject): Promise<Backend> {
  const options = extension.options.parse(contractCase.options ?? {});
  const notices: Notices = run.notices;
  const entries = Object.entries(extension.inject).map(([name, { key }]) => [
    name,
    key === Services.notices.key ? notices : undefined,
  ]);
  return extension.create(options as never, Object.fromEntries(entries) as never);
}

export async function active(bench: Subject): Promise<Backend> {
  const backend = await made(bench);
  const { available, reason, fix } = await backend.probe();
  must(available, {
    what: `It cannot run on this machine: ${reason}`,
    where: 'probe()',
    fix: `${fix ?? 'Set it up'} Or run its contract where it can.`,
  });
  await backend.activate();
  return backend;
}

export function inputsOf({ inputs }: Computation, seed = 'computation'): Record<string, Tensor> {
  return mapParams(
    Object.fromEntries(Object.entries(inputs).map(([name, shape]) => [name, normalInput(`${seed} ${name}`, shape)])),
    (x) => x,
  );
}

/** The value of a computation, and its gradients under weights, on the host. */
export function valuesOf(one: Computation): ReadonlyMap<string, Float32Array> {
  const inputs = inputsOf(one);
  const parts = tf.tidy(() => {
    const value = compute(one, inputs);
    const weights = normalInput('weights', value.shape);
    const { grads } = valueAndGrads(() => ({ loss: tf.sum(tf.mul(compute(one, inputs), weights)) as Scalar }), inputs);
    const named = [
      ['value', value] as const,
      ...Object.entries(grads).map(([name, x]) => [`gradient for ${name}`, x] as const),
    ];
    return named.map(([name, x]) => [name, Float32Array.from(x.dataSync())] as const) as never;
  }) as unknown as [string, Float32Array][];
  disposeParams(inputs);
  return new Map(parts);
}
