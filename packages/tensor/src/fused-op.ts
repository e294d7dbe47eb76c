// Ops with a gradient of their own, and the door through which a backend brings its fused kernels.
import { type GradSaveFunc, type Tensor, tf } from './tf.js';

type Tensors<N extends string> = Readonly<Record<N, Tensor>>;

/**
 * One op: a reference composition that runs on every backend, and the name of the kernels that replace it where a
 * backend has registered them (see kernel-names.ts for the contract of each).
 * @typeParam I differentiable inputs, @typeParam C constant inputs, @typeParam S statistics saved for the gradient.
 */
export interface FusedOp<I extends string, C extends string, S extends string, O extends string, A extends object> {
  readonly kernel: string;
  readonly inputs: readonly I[];
  readonly optional?: readonly O[];
  readonly constants?: readonly C[];
  readonly statistics?: readonly S[];
  /** What the gradient reads besides dy. */
  readonly saves: readonly (I | C | S | O | 'y')[];
  forward(tensors: Tensors<I | C> & Partial<Tensors<O>>, attrs: A): Tensors<'y' | S>;
  backward(tensors: Tensors<I | C | S | 'y' | 'dy'> & Partial<Tensors<O>>, attrs: A): Tensors<I> & Partial<Tensors<O>>;
}

type Inputs<I extends string, C extends string, O extends string> = Tensors<I | C> & {
  readonly [N in O]?: Tensor | undefined;
};

/** Makes the op callable. Gradients flow to its inputs only, never to its constants. */
export function fusedOp<
  A extends object,
  I extends string,
  C extends string = never,
  S extends string = never,
  O extends string = never,
>(op: FusedOp<I, C, S, O, A>): (tensors: Inputs<I, C, O>, attrs: A) => Tensor {
  const statistics = op.statistics ?? [];
  return (tensors, attrs) => {
    const given: Record<string, Tensor | undefined> = tensors;
    const inputs = [...op.inputs, ...(op.optional ?? []).filter((name) => given[name])];
    const constants = Object.fromEntries((op.constants ?? []).map((name) => [name, given[name]!]));
    const saves = op.saves.filter((name) => name === 'y' || statistics.includes(name as S) || given[name]);

    const run = tf.customGrad((...args) => {
      const save = args.at(-1) as GradSaveFunc;
      const parameters = args.slice(0, -1) as Tensor[];
      const all = { ...Object.fromEntries(inputs.map((name, i) => [name, parameters[i]!])), ...constants };
      const outputs = forward(all);
      const known: Record<string, Tensor> = { ...all, ...outputs };
      save(saves.map((name) => known[name]!));
      return { value: outputs['y']!, gradFunc: (dy: Tensor, saved: Tensor[]) => backward(dy, saved) };
    });
    const forward = (all: Record<string, Tensor>): Record<string, Tensor> => {
      if (!hasKernel(op.kernel)) return op.forward(all as never, attrs);
      const outputs = [runKernel(op.kernel, all, attrs)].flat();
      return Object.fromEntries(['y', ...statistics].map((name, i) => [name, outputs[i]!]));
    };
    const backward = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const known = { dy, ...Object.fromEntries(saves.map((name, i) => [name, saved[i]!])) };
      if (hasKernel(`${op.kernel}Grad`)) return [runKernel(`${op.kernel}Grad`, known, attrs)].flat();
      const gradients: Record<string, Tensor | undefined> = op.backward(known as never, attrs);
      return inputs.map((name) => gradients[name]!);
    };
    return run(...inputs.map((name) => given[name]!));
  };
}

/** Whether the active backend brought a kernel of this name. */
export function hasKernel(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}

/** Runs a kernel of the active backend. Attributes are plain data. */
export function runKernel(name: string, inputs: Record<string, Tensor>, attrs: object): Tensor | Tensor[] {
  return tf.engine().runKernel(name, inputs, attrs as never);
}
