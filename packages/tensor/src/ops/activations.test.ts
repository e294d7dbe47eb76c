import { describeEachBackend } from '#support/backends.js';
import { type Values, expectClose, expectOp, randomInput } from '#support/op-check.js';
import { type Tensor, disposeParams, gelu, quickGelu, silu, tf } from '@hastejs/tensor';

const tanhGelu = (x: number): number => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** erf by its Maclaurin series, good to 1e-15 where |x| ≤ 4. */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 120; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
const erfGelu = (x: number): number => 0.5 * x * (1 + erf(x / Math.SQRT2));

const over =
  (f: (x: number) => number) =>
  ({ x }: Values): number[] =>
    Array.from(x!, f);

describeEachBackend('activations', () => {
  // 133 elements: more than one vector, and a remainder.
  const inputs = () => ({ x: randomInput('x', [7, 19], 1.5) });
  const check = (op: typeof silu, f: (x: number) => number) => {
    const given = inputs();
    expectOp({ inputs: given, op: ({ x }) => op(x!), reference: over(f) });
    disposeParams(given);
  };

  it('gelu, tanh form', () => check((x) => gelu(x, 'tanh'), tanhGelu));
  it('gelu, erf form', () => check((x) => gelu(x, 'erf'), erfGelu));
  it('gelu, quick form', () => check(quickGelu, (x) => x * sigmoid(1.702 * x)));
  it('silu', () => check(silu, (x) => x * sigmoid(x)));

  it('is finite and exact in the tails', () => {
    tf.tidy(() => {
      const x = tf.tensor1d([-1e4, -100, -20, 0, 20, 100, 1e4]);
      const tails = [0, 0, 0, 0, 20, 100, 1e4];
      expectClose(gelu(x, 'tanh'), tails, 1e-9);
      expectClose(gelu(x, 'erf'), tails, 1e-9);
      expectClose(silu(x), [0, 0, -20 * sigmoid(-20), 0, 20, 100, 1e4], 1e-9);
      expectClose(quickGelu(x), [0, 0, -20 * sigmoid(-1.702 * 20), 0, 20, 100, 1e4], 1e-7);
      for (const f of [
        quickGelu<Tensor>,
        (t: Tensor) => gelu(t, 'tanh'),
        (t: Tensor) => gelu(t, 'erf'),
        silu<Tensor>,
      ]) {
        expectClose(tf.grad((t) => tf.sum(f(t)))(x), [0, 0, 0, 0.5, 1, 1, 1], 1e-6);
      }
    });
  });
});
