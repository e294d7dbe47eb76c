// G groups of R rows of D floats; gain and offset are per group, [G, D].
import {
  type F32,
  type I32,
  add,
  at,
  fadd,
  fdiv,
  fsqrt,
  iadd,
  imul,
  loadFloat,
  mul,
  sub,
  toFloat,
  vec,
} from '../expressions.js';
import type { FunctionBuilder } from '../function.js';
import type { ModuleBuilder } from '../module.js';
import { clear } from './rows.js';

const P = 'i32';

/**
 * (x, gain, offset, y, mean, rstd, G, R, D, one, eps): y = x̂·(one + gain) + offset. `one` is 1 for adaLN modulation, whose
 * gain is the scale, and 0 for a plain weight. The statistics take two walks over the row, which stays in the cache: the
 * shortcut x² − mean² cancels.
 */
export function defineLayerNorm(module: ModuleBuilder): void {
  const parameters = [P, P, P, P, P, P, P, P, P, 'f32', 'f32'] as const;
  module.define('layerNorm', parameters, (f, x, gain, offset, y, mean, rstd, G, R, D, one, eps) => {
    const size = f.value(toFloat(D));
    f.forEach(G, (g) => {
      const [gains, offsets] = [f.value(at(gain, imul(g, D))), f.value(at(offset, imul(g, D)))];
      f.forEach(R, (r) => {
        const row = f.value(iadd(imul(g, R), r));
        const [xs, ys] = [f.value(at(x, imul(row, D))), f.value(at(y, imul(row, D)))];
        const m = f.value(
          fdiv(
            f.sum(D, (i, lanes) => lanes.load(at(xs, i))),
            size,
          ),
        );
        const squares = f.sum(D, (i, lanes) => {
          const d = f.value(sub(lanes.load(at(xs, i)), m));
          return mul(d, d);
        });
        const s = f.value(fdiv(1, fsqrt(fadd(fdiv(squares, size), eps))));
        f.storeFloat(at(mean, row), m);
        f.storeFloat(at(rstd, row), s);
        f.forVectors(D, (i, lanes) => {
          const xHat = mul(sub(lanes.load(at(xs, i)), m), s);
          lanes.store(at(ys, i), add(mul(xHat, add(lanes.load(at(gains, i)), one)), lanes.load(at(offsets, i))));
        });
      });
    });
  });
}

interface RowGradient {
  readonly dys: I32;
  readonly xs: I32;
  readonly dxs: I32;
  readonly gains: I32;
  readonly dgains: I32;
  readonly doffsets: I32;
  readonly m: F32;
  readonly s: F32;
  readonly D: I32;
  readonly one: F32;
}

/** (dy, x, gain, mean, rstd, dx, dgain, doffset, G, R, D, one) */
export function defineLayerNormGrad(module: ModuleBuilder): void {
  const parameters = [P, P, P, P, P, P, P, P, P, P, P, 'f32'] as const;
  module.define('layerNormGrad', parameters, (f, dy, x, gain, mean, rstd, dx, dgain, doffset, G, R, D, one) => {
    f.forEach(G, (g) => {
      const group = (base: I32): I32 => f.value(at(base, imul(g, D)));
      const affine = { gains: group(gain), dgains: group(dgain), doffsets: group(doffset) };
      clear(f, affine.dgains, D);
      clear(f, affine.doffsets, D);
      f.forEach(R, (r) => {
        const row = f.value(iadd(imul(g, R), r));
        const place = (base: I32): I32 => f.value(at(base, imul(row, D)));
        const [m, s] = [f.value(loadFloat(at(mean, row))), f.value(loadFloat(at(rstd, row)))];
        rowGradient(f, { dys: place(dy), xs: place(x), dxs: place(dx), ...affine, m, s, D, one });
      });
    });
  });
}

/** dx = rstd·(g − mean(g) − x̂·mean(g·x̂)) with g = dy·(one + gain); adds dy·x̂ to dgain and dy to doffset. */
function rowGradient(f: FunctionBuilder, { dys, xs, dxs, gains, dgains, doffsets, m, s, D, one }: RowGradient): void {
  const size = f.value(toFloat(D));
  const [sumG, sumGX] = [f.variable(vec(0)), f.variable(vec(0))];
  f.forVectors(D, (i, lanes) => {
    const d = f.value(lanes.load(at(dys, i)));
    const dxHat = f.value(mul(d, mul(sub(lanes.load(at(xs, i)), m), s)));
    lanes.store(at(dgains, i), add(lanes.load(at(dgains, i)), dxHat));
    lanes.store(at(doffsets, i), add(lanes.load(at(doffsets, i)), d));
    const scale = f.value(add(lanes.load(at(gains, i)), one));
    f.set(sumG, add(sumG, lanes.only(mul(d, scale))));
    f.set(sumGX, add(sumGX, lanes.only(mul(dxHat, scale))));
  });
  const meanG = f.value(fdiv(f.sumLanes(sumG), size));
  const meanGX = f.value(fdiv(f.sumLanes(sumGX), size));
  f.forVectors(D, (i, lanes) => {
    const xHat = mul(sub(lanes.load(at(xs, i)), m), s);
    const g = mul(lanes.load(at(dys, i)), add(lanes.load(at(gains, i)), one));
    lanes.store(at(dxs, i), mul(sub(sub(g, meanG), mul(xHat, meanGX)), s));
  });
}
