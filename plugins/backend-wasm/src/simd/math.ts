// Transcendental functions on four floats at once. The polynomials are our own fits (weighted least squares, iterated to
// equal ripple); the relative error stated is that of the polynomial, below float32's own 6e-8.
import {
  type Vec,
  type Vector,
  abs,
  add,
  addBits,
  div,
  exponentOf,
  lessThan,
  max,
  min,
  mul,
  neg,
  select,
  shiftBits,
  sub,
  unless,
  vec,
} from './expressions.js';
import type { FunctionBuilder } from './function.js';

/** c₀ + c₁·x + c₂·x² + …, by Horner's rule. `x` is used several times: pass a value, not a computation. */
export function polynomial(x: Vec, coefficients: readonly number[]): Vec {
  const [highest, ...lower] = coefficients.toReversed();
  return lower.reduce<Vec>((sum, c) => add(mul(sum, x), c), vec(highest!));
}

/** (eʳ − 1 − r)/r² for |r| ≤ ln2/2; eʳ to 3e-9. */
const EXP = [0.49999993432110595, 0.1666652039896233, 0.04166839078735059, 0.008368745116359374, 0.0013814539989800393];
/** ln 2 in two parts; the first has 9 bits, so that its product with a whole n is exact. */
const LN2_HIGH = 0.693359375;
const LN2_LOW = -2.12194440054690583e-4;
const EXP_LOWEST = -87.3;

/** Adding it to |x| < 2²² rounds x to a whole number, which then stands in the lowest bits. */
const WHOLE = 1.5 * 2 ** 23;
/** 2ⁿ from n + WHOLE, n in [−126, 127]: n moves into the exponent bits, 1.0 adds the bias. */
const exp2OfShifted = (shifted: Vec): Vec => addBits(shiftBits(shifted, 23), vec(1));

/** eˣ for x ≤ 88; 0 below −87.3. NaN stays NaN. */
export function exp(f: FunctionBuilder, x: Vector): Vec {
  const given = f.value(vec(x));
  const inside = f.value(min(max(given, EXP_LOWEST), 88));
  const shifted = f.value(add(mul(inside, Math.LOG2E), WHOLE));
  const n = f.value(sub(shifted, WHOLE));
  const r = f.value(sub(sub(inside, mul(n, LN2_HIGH)), mul(n, LN2_LOW)));
  const power = add(add(mul(mul(r, r), polynomial(r, EXP)), r), 1);
  return f.value(unless(mul(power, exp2OfShifted(shifted)), lessThan(given, EXP_LOWEST)));
}

/** (ln(1 + r) − r + r²/2)/r³ for r from √½ − 1 to √2 − 1; ln to 6e-9. */
const LOG = [
  0.33333331707700076, -0.2500082103434511, 0.20001226876370043, -0.16623357343718012, 0.14201757999262668,
  -0.13160182395860556, 0.12761577044181285, -0.07634496527227812,
];

/** ln x for normal positive x. */
export function log(f: FunctionBuilder, x: Vector): Vec {
  const given = f.value(vec(x));
  // x = m·2ⁿ with m in [√½, √2): the exponent is read off x·√2.
  const n = f.value(exponentOf(f.value(mul(given, Math.SQRT2))));
  const r = f.value(sub(mul(given, exp2OfShifted(sub(WHOLE, n))), 1));
  const r2 = f.value(mul(r, r));
  const fraction = add(sub(r, mul(r2, 0.5)), mul(mul(r2, r), polynomial(r, LOG)));
  return f.value(add(fraction, mul(n, Math.LN2)));
}

/** 1/(1 + e⁻ˣ), and its slope s·(1 − s) without cancellation. */
export function sigmoid(f: FunctionBuilder, x: Vec): { value: Vec; slope: Vec } {
  const e = exp(f, neg(abs(x)));
  const r = f.value(div(1, add(e, 1)));
  const tail = f.value(mul(e, r));
  return { value: f.value(select(tail, r, lessThan(x, 0))), slope: mul(tail, r) };
}

/** ½·eᶻ²·erfc(z)/t in powers of t = 1/(1 + 0.45·z), z ≥ 0; to 1.3e-8. */
const ERFC_T = 0.45;
const ERFC = [
  0.12693489002060598, 0.12711118252026196, 0.1125787197997626, 0.09552677388238262, 0.035494104380848025,
  0.037031758537035254, 0.010626632063682584, -0.10328701735017799, 0.07482816196758016, -0.01684521233442981,
];

/** The normal distribution: Φ(x) and its density φ(x). */
export function normal(f: FunctionBuilder, x: Vec): { cumulative: Vec; density: Vec } {
  const z = f.value(mul(abs(x), Math.SQRT1_2));
  const e = exp(f, neg(mul(z, z)));
  const t = f.value(div(1, add(mul(z, ERFC_T), 1)));
  const tail = f.value(mul(mul(e, t), polynomial(t, ERFC)));
  return {
    cumulative: f.value(select(tail, sub(1, tail), lessThan(x, 0))),
    density: f.value(mul(e, 1 / Math.sqrt(2 * Math.PI))),
  };
}
