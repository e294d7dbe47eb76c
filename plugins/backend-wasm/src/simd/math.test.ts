import { type Vec, at } from './expressions.js';
import type { FunctionBuilder } from './function.js';
import { exp, log, normal, polynomial, sigmoid } from './math.js';
import { ModuleBuilder } from './module.js';
import { Instance, Module } from './webassembly.js';

/** Compiles f and applies it to floats. */
function evaluate(f: (f: FunctionBuilder, x: Vec) => Vec, xs: readonly number[]): Float32Array {
  const module = new ModuleBuilder();
  module.define('run', ['i32', 'i32', 'i32'], (builder, x, y, n) => {
    builder.forVectors(n, (i, lanes) => lanes.store(at(y, i), f(builder, builder.value(lanes.load(at(x, i))))));
  });
  const { Memory } = (
    globalThis as unknown as { WebAssembly: { Memory: new (size: object) => { buffer: ArrayBuffer } } }
  ).WebAssembly;
  const memory = new Memory({ initial: 4 });
  const { run } = new Instance(new Module(module.assemble()), { env: { memory } }).exports as {
    run(x: number, y: number, n: number): void;
  };
  new Float32Array(memory.buffer).set(xs);
  run(0, 65536, xs.length);
  return new Float32Array(memory.buffer, 65536, xs.length).slice();
}

/** Points that are exact in float32, so that only the function's own error shows. */
const range = (from: number, to: number, n: number): number[] =>
  Array.from({ length: n }, (_, i) => Math.fround(from + ((to - from) * i) / (n - 1)));

function expectRelative(actual: Float32Array, expected: readonly number[], tolerance: number): void {
  let worst = 0;
  expected.forEach(
    (value, i) => (worst = Math.max(worst, Math.abs(actual[i]! - value) / Math.max(Math.abs(value), 1e-37))),
  );
  expect(worst).toBeLessThan(tolerance);
}

describe('vector functions', () => {
  it('polynomials', () => {
    expect([...evaluate((_, x) => polynomial(x, [1, -2, 3]), [0, 1, 2, 3, -1])]).toEqual([1, 2, 9, 22, 6]);
  });

  it('exp, to two units in the last place', () => {
    const xs = range(-87, 88, 3001);
    expectRelative(evaluate(exp, xs), xs.map(Math.exp), 2.5e-7);
    expect([...evaluate(exp, [-88, -1000, -Infinity, 0])]).toEqual([0, 0, 0, 1]);
    expect(evaluate(exp, [NaN])[0]).toBeNaN();
  });

  it('log, from the smallest sums to the largest', () => {
    const xs = [...range(0.3, 3, 1001), ...range(3, 1e6, 1001), 2 ** -100, 2 ** 100];
    const worst = evaluate(log, xs).reduce((max, y, i) => Math.max(max, Math.abs(y - Math.log(xs[i]!))), 0);
    expect(worst).toBeLessThan(4e-6);
    const small = range(0.9, 1.1, 1001);
    expect(evaluate(log, small).every((y, i) => Math.abs(y - Math.log(small[i]!)) < 3e-8)).toBe(true);
  });

  it('sigmoid and its slope, also far out', () => {
    const xs = range(-60, 60, 2001);
    const s = (x: number): number => 1 / (1 + Math.exp(-x));
    expectRelative(
      evaluate((f, x) => sigmoid(f, x).value, xs),
      xs.map(s),
      4e-7,
    );
    expectRelative(
      evaluate((f, x) => sigmoid(f, x).slope, xs),
      xs.map((x) => s(x) * s(-x)),
      6e-7,
    );
  });

  it('the normal distribution, to a relative precision in the lower tail', () => {
    // Φ at these points, from a table computed to 20 digits.
    const xs = [-6, -4, -2, -1, -0.5, 0, 0.5, 1, 2, 4];
    const cumulative = [
      9.8658764503769814e-10, 3.1671241833119921e-5, 0.022750131948179207, 0.15865525393145705, 0.3085375387259869, 0.5,
      0.6914624612740131, 0.84134474606854294, 0.97724986805182079, 0.99996832875816688,
    ];
    expectRelative(
      evaluate((f, x) => normal(f, x).cumulative, xs),
      cumulative,
      2e-6,
    );
    const density = xs.map((x) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI));
    expectRelative(
      evaluate((f, x) => normal(f, x).density, xs),
      density,
      2e-6,
    );
  });
});
