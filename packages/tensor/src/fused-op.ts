import { type KernelConfig, callKernel, findKernel, recordKernel } from './engine-tape.js';
import type { HasteKernelName } from './kernel-contracts.js';
import { type GradSaveFunc, type Tensor, tf } from './tf.js';

type Tensors<N extends string> = Readonly<Record<N, Tensor>>;
/** Kernels that come with a gradient kernel. */
type OpName = { [N in HasteKernelName]: `${N}Grad` extends HasteKernelName ? N : never }[HasteKernelName];

/**
 * An op with a gradient of its own: a reference composition that runs on every backend, replaced by the kernels `kernel`
 * and `kernel`Grad where a backend has registered them (kernel-contracts.ts).
 * @typeParam I differentiable inputs, @typeParam O optional ones, @typeParam C constant inputs, @typeParam S statistics that
 * the forward pass leaves for the gradient.
 */
export interface FusedOp<I extends string, C extends string, S extends string, O extends string, A extends object> {
  readonly kernel: OpName;
  readonly inputs: readonly I[];
  readonly optional?: readonly O[];
  readonly constants?: readonly C[];
  readonly statistics?: readonly S[];
  /** What the gradient reads besides dy. */
  readonly saves: readonly (I | C | S | O | 'out')[];
  forward(tensors: Tensors<I | C> & Partial<Tensors<O>>, attrs: A): Tensors<'out' | S>;
  backward(
    tensors: Tensors<I | C | S | 'out' | 'dy'> & Partial<Tensors<O>>,
    attrs: A,
  ): Tensors<I> & Partial<Tensors<O>>;
}

type Given<I extends string, C extends string, O extends string> = Tensors<I | C> & {
  readonly [N in O]?: Tensor | undefined;
};
type AnyOp = FusedOp<string, string, string, string, object>;
type ByName = Record<string, Tensor>;

/**
 * The same for an op whose reference is a composition of differentiable ops: callable only where the backend has both
 * kernels (see hasKernel).
 */
export function kernelOp<
  A extends object,
  I extends string,
  C extends string = never,
  S extends string = never,
  O extends string = never,
>(op: Omit<FusedOp<I, C, S, O, A>, 'forward' | 'backward'>): (tensors: Given<I, C, O>, attrs: A) => Tensor {
  const missing = (): never => {
    throw new Error(`The backend ${tf.getBackend()} has no kernel ${op.kernel}.`);
  };
  return fusedOp<A, I, C, S, O>({ ...op, forward: missing, backward: missing });
}

/** Makes the op callable. Gradients flow to its inputs only, never to its constants. */
export function fusedOp<
  A extends object,
  I extends string,
  C extends string = never,
  S extends string = never,
  O extends string = never,
>(op: FusedOp<I, C, S, O, A>): (tensors: Given<I, C, O>, attrs: A) => Tensor {
  return (tensors, attrs) => apply(op as unknown as AnyOp, tensors, attrs);
}

function apply(op: AnyOp, tensors: Readonly<Record<string, Tensor | undefined>>, attrs: object): Tensor {
  const { constants = [], statistics = [], optional = [] } = op;
  const inputs = optional.length === 0 ? op.inputs : [...op.inputs, ...optional.filter((name) => tensors[name])];
  const saves = op.saves.filter((name) => name === 'out' || statistics.includes(name) || tensors[name]);
  const call: Call = { op, inputs, given: pick(tensors, inputs), fixed: pick(tensors, constants), saves, attrs };
  const kernel = findKernel(op.kernel);
  return kernel ? byKernel(call, kernel) : byReference(call);
}

/** One application of an op: what it was given, and what its gradient will read. */
interface Call {
  readonly op: AnyOp;
  readonly inputs: readonly string[];
  readonly given: ByName;
  readonly fixed: ByName;
  readonly saves: readonly string[];
  readonly attrs: object;
}

function byKernel({ op, inputs, given, fixed, saves, attrs }: Call, kernel: KernelConfig): Tensor {
  const all = op.constants ? { ...given, ...fixed } : given;
  const [out] = recordKernel({
    kernel,
    given: all,
    inputs: given,
    attrs,
    saved: (outputs) =>
      saves.map((name) => all[name] ?? outputs[name === 'out' ? 0 : 1 + op.statistics!.indexOf(name)]!),
    gradient: ([dy], saved) => {
      const gradients = backward(op, inputs, known(dy!, saves, saved), attrs);
      const thunks: Record<string, () => Tensor> = {};
      for (const name of inputs) thunks[name] = () => gradients[name]!;
      return thunks;
    },
  });
  return out!;
}

function byReference({ op, inputs, given, fixed, saves, attrs }: Call): Tensor {
  const run = tf.customGrad((...args) => {
    const save = args.at(-1) as GradSaveFunc;
    const tensors = { ...fixed, ...named(inputs, args as Tensor[]) };
    const outputs: ByName = op.forward(tensors as never, attrs);
    save(saves.map((name) => outputs[name] ?? tensors[name]!));
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const gradients = backward(op, inputs, known(dy, saves, saved), attrs);
      return inputs.map((name) => gradients[name]!);
    };
    return { value: outputs['out']!, gradFunc };
  });
  return run(...inputs.map((name) => given[name]!));
}

function backward(op: AnyOp, inputs: readonly string[], tensors: ByName, attrs: object): Partial<ByName> {
  const kernel = findKernel(`${op.kernel}Grad`);
  return kernel ? named(inputs, callKernel(kernel, tensors, attrs)) : op.backward(tensors as never, attrs);
}

function known(dy: Tensor, names: readonly string[], saved: readonly Tensor[]): ByName {
  const tensors = named(names, saved);
  tensors['dy'] = dy;
  return tensors;
}

function named(names: readonly string[], tensors: readonly Tensor[]): ByName {
  const byName: ByName = {};
  for (let i = 0; i < names.length; i++) byName[names[i]!] = tensors[i]!;
  return byName;
}

function pick(tensors: Readonly<Record<string, Tensor | undefined>>, names: readonly string[]): ByName {
  const picked: ByName = {};
  for (const name of names) picked[name] = tensors[name]!;
  return picked;
}
