import type { AdamWAttrs } from '../kernel-contracts.js';
import { hasKernel, runKernel } from '../kernels.js';
import type { Params } from '../params.js';
import { type Tensor, tf } from '../tf.js';

export interface AdamWResult {
  readonly params: Params;
  /** First moments. */
  readonly m: Params;
  /** Second moments. */
  readonly v: Params;
}

export interface AdamWUpdate extends AdamWAttrs, AdamWResult {
  /** Gradients of the parameters to update. */
  readonly grads: Params;
}

/**
 * torch.optim.AdamW for every parameter that has a gradient: decoupled decay first, eps outside the root, bias corrected
 * from the integer step.
 * @param update params, m and v under the names of `grads` are consumed, the others kept as they are; grads are not
 * consumed. `step` is 0-based.
 * @throws Error naming the first gradient without a parameter or moments.
 */
export function adamwUpdate({ params, grads, m, v, ...attrs }: AdamWUpdate): AdamWResult {
  const names = Object.keys(grads);
  const slots = { params: pick(params, names), grads: Object.values(grads), m: pick(m, names), v: pick(v, names) };
  const next = hasKernel('HasteAdamW') ? fused(slots, attrs) : reference(slots, attrs);
  tf.dispose([slots.params, slots.m, slots.v].flat());
  const named = (kept: Params, tensors: readonly Tensor[]): Params =>
    Object.assign({ ...kept }, Object.fromEntries(names.map((name, i) => [name, tensors[i]!])));
  return { params: named(params, next.params), m: named(m, next.m), v: named(v, next.v) };
}

interface Slots {
  readonly params: readonly Tensor[];
  readonly grads: readonly Tensor[];
  readonly m: readonly Tensor[];
  readonly v: readonly Tensor[];
}

function pick(from: Params, names: readonly string[]): Tensor[] {
  return names.map((name) => {
    const tensor = from[name];
    if (!tensor) throw new Error(`adamwUpdate: there is a gradient for '${name}', but no parameter or moment.`);
    return tensor;
  });
}

function fused(slots: Slots, attrs: AdamWAttrs): Omit<Slots, 'grads'> {
  const n = slots.params.length;
  const next = n === 0 ? [] : runKernel('HasteAdamW', slots, attrs);
  return { params: next.slice(0, n), m: next.slice(n, 2 * n), v: next.slice(2 * n) };
}

function reference({ params, grads, m, v }: Slots, attrs: AdamWAttrs): Omit<Slots, 'grads'> {
  const next = params.map((param, i) => tf.tidy(() => stepOf(param, grads[i]!, m[i]!, v[i]!, attrs)));
  return { params: next.map(([param]) => param!), m: next.map(([, m]) => m!), v: next.map(([, , v]) => v!) };
}

function stepOf(param: Tensor, grad: Tensor, m: Tensor, v: Tensor, attrs: AdamWAttrs): Tensor[] {
  const { lr, beta1, beta2, eps, weightDecay, step } = attrs;
  const nextM = tf.add(m, tf.mul(tf.sub(grad, m), 1 - beta1));
  const nextV = tf.add(tf.mul(v, beta2), tf.mul(tf.square(grad), 1 - beta2));
  const correction1 = 1 - beta1 ** (step + 1);
  const correction2 = 1 - beta2 ** (step + 1);
  const denominator = tf.add(tf.div(tf.sqrt(nextV), Math.sqrt(correction2)), eps);
  const decayed = tf.mul(param, 1 - lr * weightDecay);
  return [tf.sub(decayed, tf.mul(tf.div(nextM, denominator), lr / correction1)), nextM, nextV];
}
