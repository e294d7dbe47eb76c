import { type TapeNode, recordTape, releaseSaved } from './engine-tape.js';
import type { Params } from './params.js';
import { type Scalar, type Tensor, type TensorContainer, tf } from './tf.js';

export interface ValueAndGrads<A> {
  readonly loss: Scalar;
  readonly aux: A;
  /** Gradients of the parameters that the loss depends on; the others are absent. */
  readonly grads: Params;
}

/**
 * The loss, its gradients, and whatever else `f` wants to hand out. The same numbers as `tf.variableGrads`, in the same
 * order of operations, but every saved activation and every intermediate gradient is freed right after its last use:
 * the peak is the forward pass, not forward plus backward.
 * @param f computes a float32 scalar from `params` by TensorFlow.js ops; tensors in `aux` survive.
 * @returns tensors that the caller owns.
 * @throws Error when the loss is not a float32 scalar, an op on the way has no gradient, or another gradient is being taken.
 */
export function valueAndGrads<A = undefined>(f: () => { loss: Scalar; aux?: A }, params: Params): ValueAndGrads<A> {
  return tf.tidy(() => {
    const { result, tape } = recordTape(f);
    const path = pathBetween(tape, Object.values(params), result.loss);
    try {
      checkLoss(result.loss);
      const gradients = new Gradients(new Set(Object.values(params).map(({ id }) => id)));
      gradients.add(result.loss, tf.onesLike(result.loss));
      for (const step of path.toReversed()) backpropagate(step, gradients);
      const grads = gradients.of(params);
      return { loss: result.loss, aux: result.aux as A, grads } as unknown as TensorContainer;
    } finally {
      releaseSaved(tape);
    }
  }) as unknown as ValueAndGrads<A>;
}

function checkLoss(loss: Tensor): void {
  if (loss.rank === 0 && loss.dtype === 'float32') return;
  throw new Error(`A loss must be a float32 scalar; this one is ${loss.dtype} of shape [${loss.shape.join(', ')}].`);
}

/** An op that leads from a parameter to the loss, with the inputs that depend on a parameter. */
interface PathNode {
  readonly node: TapeNode;
  readonly inputs: readonly (readonly [name: string, tensor: Tensor])[];
}

/** The ops between the parameters and the loss, in tape order. What the others saved is freed at once. */
function pathBetween(tape: readonly TapeNode[], params: readonly Tensor[], loss: Tensor): readonly PathNode[] {
  const fromParams = new Set(params.map(({ id }) => id));
  const reached = tape.map((node) => {
    const inputs = Object.entries(node.inputs).filter(([, tensor]) => fromParams.has(tensor.id));
    if (inputs.length > 0) for (const output of node.outputs) fromParams.add(output.id);
    return { node, inputs };
  });
  const toLoss = new Set([loss.id]);
  const path: PathNode[] = [];
  for (const step of reached.toReversed()) {
    const leads = step.node.outputs.some(({ id }) => toLoss.has(id));
    if (leads) for (const tensor of Object.values(step.node.inputs)) toLoss.add(tensor.id);
    if (leads && step.inputs.length > 0) path.push(step);
    else releaseSaved([step.node]);
  }
  return path.reverse();
}

/** Sends the gradients of one op's outputs to its inputs, then frees them and what the op saved. */
function backpropagate({ node, inputs }: PathNode, gradients: Gradients): void {
  const { gradient } = node;
  if (!gradient) throw new Error(`TensorFlow.js has no gradient for '${node.kernelName}', which the loss depends on.`);
  const dys = node.outputs.map((output) => gradients.take(output));
  if (dys.every((dy) => dy === null)) return;
  const dxs = tf.tidy(() => {
    const thunks = gradient(dys);
    const given = new Set<Tensor | null>(dys);
    return inputs.map(([name, x]) => {
      const dx = checkGradient(node, name, x, thunks[name]?.());
      // No two gradients may be one tensor, since each is freed by itself; and a gradient may hand out its dy as it is.
      const own = given.has(dx) ? tf.clone(dx) : dx;
      given.add(own);
      return own;
    });
  });
  for (const dy of dys) dy?.dispose();
  releaseSaved([node]);
  inputs.forEach(([, x], i) => gradients.add(x, dxs[i]!));
}

function checkGradient(node: TapeNode, name: string, x: Tensor, dx: Tensor | undefined): Tensor {
  const where = `Gradient of '${node.kernelName}' for its input '${name}'`;
  if (!dx) throw new Error(`${where} is missing.`);
  if (dx.dtype !== 'float32') throw new Error(`${where} must be float32 but is ${dx.dtype}.`);
  if (tf.util.arraysEqual(dx.shape, x.shape)) return dx;
  throw new Error(`${where} has shape [${dx.shape.join(', ')}] instead of [${x.shape.join(', ')}].`);
}

/** Sums of the gradients that have arrived so far, by tensor. */
class Gradients {
  private readonly sums = new Map<number, Tensor>();

  constructor(private readonly wanted: ReadonlySet<number>) {}

  add(x: Tensor, dx: Tensor): void {
    const sum = this.sums.get(x.id);
    if (!sum) return void this.sums.set(x.id, dx);
    this.sums.set(x.id, tf.add(sum, dx));
    tf.dispose([sum, dx]);
  }

  /** The whole gradient of an op's output: the tape is walked backwards, so nothing can arrive any more. */
  take(output: Tensor): Tensor | null {
    const sum = this.sums.get(output.id) ?? null;
    if (!this.wanted.has(output.id)) this.sums.delete(output.id);
    return sum;
  }

  of(params: Params): Params {
    const present = Object.entries(params).flatMap(([name, { id }]) => {
      const sum = this.sums.get(id);
      return sum ? [[name, sum] as const] : [];
    });
    return Object.fromEntries(present);
  }
}
