import { activateBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { expectClose } from '#support/op-check.js';
import { type HasteKernelName, type Tensor, gatedAdd, linear, silu, tf } from '@hastejs/tensor';

type KernelFunc = Parameters<typeof tf.registerKernel>[0]['kernelFunc'];

/** Brings a kernel to the cpu backend for the time of a test. */
function withKernel(name: HasteKernelName, kernelFunc: KernelFunc, test: () => void): void {
  tf.registerKernel({ kernelName: name, backendName: 'cpu', kernelFunc });
  try {
    test();
  } finally {
    tf.unregisterKernel(name, 'cpu');
  }
}

/** A kernel that answers with constants, so that its use shows. */
const constant =
  (...values: number[]): KernelFunc =>
  ({ inputs, backend }) =>
    values.map((value) => {
      const { shape } = Object.values(inputs as Record<string, Tensor>)[0]!;
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value);
      return (backend as { makeTensorInfo(...args: unknown[]): never }).makeTensorInfo([...shape], 'float32', data);
    });

describe("a backend's own kernels", () => {
  beforeAll(() => activateBackend('cpu'));
  const slope = (x: Tensor): Tensor => tf.grad((t) => tf.sum(silu(t)))(x);

  it('replace the composition, and stop doing so when they are gone', () => {
    tf.tidy(() => {
      const x = tf.tensor1d([1, 2]);
      withKernel('HasteSilu', constant(7), () => expectClose(silu(x), [7, 7], 0));
      expectClose(silu(x), [0.7310586, 1.7615942], 1e-6);
    });
  });

  it('may be the forward or the gradient alone', () => {
    tf.tidy(() => {
      const x = tf.tensor1d([0]);
      withKernel('HasteSilu', constant(7), () => expectClose(slope(x), [0.5], 1e-6));
      withKernel('HasteSiluGrad', constant(9), () => {
        expectClose(silu(x), [0], 0);
        expectClose(slope(x), [9], 0);
      });
    });
  });

  it('give the gradients of several inputs in the order of the contract, and are no leak', () => {
    const [x, gate, y] = [tf.ones([2, 2, 2]), tf.ones([2, 2]), tf.ones([2, 2, 2])] as const;
    const outputs: KernelFunc = ({ inputs, backend }) => {
      const { dy, gate: g } = inputs as Record<'dy' | 'gate', Tensor>;
      return [dy, g, dy].map(({ shape }, i) => {
        const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(i + 1);
        return (backend as { makeTensorInfo(...args: unknown[]): never }).makeTensorInfo([...shape], 'float32', data);
      });
    };
    withKernel('HasteGatedAddGrad', outputs, () => {
      expectNoLeaks(() => {
        const [dx, dgate, dy] = tf.grads((a, b, c) => tf.sum(gatedAdd(a as never, b!, c as never)))([x, gate, y]);
        [dx, dgate, dy].forEach((gradient, i) => expect(gradient!.dataSync()[0]).toBe(i + 1));
        return [dx!, dgate!, dy!];
      });
    });
    tf.dispose([x, gate, y]);
  });

  it('see optional inputs only where they are given', () => {
    const seen: string[][] = [];
    const spy: KernelFunc = (args) => {
      seen.push(Object.keys(args.inputs));
      return constant(0)(args);
    };
    withKernel('HasteLinear', spy, () => {
      tf.tidy(() => {
        linear(tf.ones([2, 2]), tf.ones([2, 2]));
        linear(tf.ones([2, 2]), tf.ones([2, 2]), tf.ones([2]));
      });
    });
    expect(seen).toEqual([
      ['x', 'weight'],
      ['x', 'weight', 'bias'],
    ]);
  });
});
