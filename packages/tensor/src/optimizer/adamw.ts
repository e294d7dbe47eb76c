import type { AdamWAttrs } from '../kernel-contracts.js';
import { hasKernel, runKernel } from '../kernels.js';
import type { Params } from '../params.js';
import { type Scalar, type Tensor, tf } from '../tf.js';

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
  /** Learning rate: a scalar, such as `StepClock.scalar` gives. */
  readonly lr: Scalar;
  /** Number of this step, counted from 1, for the bias correction: a scalar. Exact up to 2²⁴ steps. */
  readonly count: Scalar;
}

/**
 * torch.optim.AdamW for every parameter that has a gradient: decoupled decay first, eps outside the root, bias corrected
 * from the step's number.
 * @param update params, m and v under the names of `grads` are consumed, the others kept as they are; nothing else is
 * consumed.
 * @throws Error naming the first gradient without a parameter or moments.
 */
export function adamwUpdate({ params, grads, m, v, lr, count, ...attrs }: AdamWUpdate): AdamWResult {
  const names = Object.keys(grads);
  const lists = { params: pick(params, names), grads: Object.values(grads), m: pick(m, names), v: pick(v, names) };
  const slots = { ...lists, lr, count };
  const next = hasKernel('HasteAdamW') ? fused(slots, attrs) : reference(slots, attrs);
  tf.dispose([lists.params, lists.m, lists.v].flat());
  const named = (kept: Params, tensors: readonly Tensor[]): Params =>
    Object.assign({ ...kept }, Object.fromEntries(names.map((name, i) => [name, tensors[i]!])));
  return { params: named(params, next.params), m: named(m, next.m), v: named(v, next.v) };
}

interface Slots {
  readonly lr: Scalar;
  readonly count: Scalar;
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

type Next = Pick<Slots, 'params' | 'm' | 'v'>;

function fused(slots: Slots, attrs: AdamWAttrs): Next {
  const n = slots.params.length;
  const next = n === 0 ? [] : runKernel('HasteAdamW', slots, attrs);
  return { params: next.slice(0, n), m: next.slice(n, 2 * n), v: next.slice(2 * n) };
}

/** From scalars on the backend alone: nothing is read, so that a step can be repeated. */
function reference({ params, grads, m, v, lr, count }: Slots, attrs: AdamWAttrs): Next {
  const next = tf.tidy(() => {
    const rates: Rates = {
      ...attrs,
      decay: tf.sub(1, tf.mul(lr, attrs.weightDecay)),
      rate: tf.div(lr, correction(attrs.beta1, count)),
      root2: tf.sqrt(correction(attrs.beta2, count)),
    };
    return params.map((param, i) => tf.tidy(() => stepOf(param, grads[i]!, m[i]!, v[i]!, rates))) as never;
  }) as unknown as Tensor[][];
  return { params: next.map(([param]) => param!), m: next.map(([, m]) => m!), v: next.map(([, , v]) => v!) };
}

/** 1 − βⁿ as −expm1(n·ln β): exact in float32 where βⁿ is close to 1. */
const correction = (beta: number, count: Scalar): Scalar => tf.neg(tf.expm1(tf.mul<Scalar>(count, Math.log(beta))));

interface Rates extends AdamWAttrs {
  /** 1 − lr·weightDecay. */
  readonly decay: Scalar;
  /** lr / (1 − β₁ⁿ). */
  readonly rate: Scalar;
  /** √(1 − β₂ⁿ). */
  readonly root2: Scalar;
}

function stepOf(param: Tensor, grad: Tensor, m: Tensor, v: Tensor, rates: Rates): Tensor[] {
  const { beta1, beta2, eps, decay, rate, root2 } = rates;
  const nextM = tf.add(m, tf.mul(tf.sub(grad, m), 1 - beta1));
  const nextV = tf.add(tf.mul(v, beta2), tf.mul(tf.square(grad), 1 - beta2));
  const denominator = tf.add(tf.div(tf.sqrt(nextV), root2), eps);
  return [tf.sub(tf.mul(param, decay), tf.mul(tf.div(nextM, denominator), rate)), nextM, nextV];
}
