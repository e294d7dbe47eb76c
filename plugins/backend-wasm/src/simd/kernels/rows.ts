// G groups (images) of R rows (tokens) of D floats.
import { type I32, add, at, iadd, imul, mul, vec } from '../expressions.js';
import type { FunctionBuilder } from '../function.js';
import type { ModuleBuilder } from '../module.js';

const P = 'i32';

/** Runs `body` for every row of every group: the group, and the offset of the row's first float. */
function forRows(
  f: FunctionBuilder,
  [G, R, D]: readonly [I32, I32, I32],
  body: { group?(g: I32): void; row(g: I32, start: I32): void },
): void {
  f.forEach(G, (g) => {
    body.group?.(g);
    f.forEach(R, (r) => body.row(g, f.value(imul(iadd(imul(g, R), r), D))));
  });
}

export function clear(f: FunctionBuilder, address: I32, n: I32): void {
  f.forVectors(n, (i, lanes) => lanes.store(at(address, i), vec(0)));
}

export function defineRows(module: ModuleBuilder): void {
  // (x, sums, G, R, D, columns): sums[g] = Σ_r x[g, r], for the first columns of the D
  module.define('sumRows', [P, P, P, P, P, P], (f, x, sums, G, R, D, columns) => {
    forRows(f, [G, R, D], {
      group: (g) => clear(f, f.value(at(sums, imul(g, D))), columns),
      row: (g, start) => {
        const [from, to] = [f.value(at(x, start)), f.value(at(sums, imul(g, D)))];
        f.forVectors(columns, (i, lanes) => {
          lanes.store(at(to, i), add(lanes.load(at(to, i)), lanes.load(at(from, i))));
        });
      },
    });
  });

  // (x, gate, y, out, G, R, D): out = x + gate·y
  module.define('gatedAdd', [P, P, P, P, P, P, P], (f, x, gate, y, out, G, R, D) => {
    forRows(f, [G, R, D], {
      row: (g, start) => {
        const gates = f.value(at(gate, imul(g, D)));
        const [xs, ys, outs] = [f.value(at(x, start)), f.value(at(y, start)), f.value(at(out, start))];
        f.forVectors(D, (i, lanes) => {
          lanes.store(at(outs, i), add(lanes.load(at(xs, i)), mul(lanes.load(at(gates, i)), lanes.load(at(ys, i)))));
        });
      },
    });
  });

  // (dout, gate, y, dgate, dy, G, R, D): dgate[g] = Σ_r dout·y, dy = dout·gate
  module.define('gatedAddGrad', [P, P, P, P, P, P, P, P], (f, dout, gate, y, dgate, dy, G, R, D) => {
    forRows(f, [G, R, D], {
      group: (g) => clear(f, f.value(at(dgate, imul(g, D))), D),
      row: (g, start) => {
        const [gates, sums] = [f.value(at(gate, imul(g, D))), f.value(at(dgate, imul(g, D)))];
        const [douts, ys, dys] = [f.value(at(dout, start)), f.value(at(y, start)), f.value(at(dy, start))];
        f.forVectors(D, (i, lanes) => {
          const d = f.value(lanes.load(at(douts, i)));
          lanes.store(at(sums, i), add(lanes.load(at(sums, i)), mul(d, lanes.load(at(ys, i)))));
          lanes.store(at(dys, i), mul(d, lanes.load(at(gates, i))));
        });
      },
    });
  });
}
