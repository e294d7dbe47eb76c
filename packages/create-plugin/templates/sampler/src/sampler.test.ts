import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SamplingProblem } from '@hastejs/plugin-api';
import { templateExport } from './sampler.js';

/** dx/dt = x, from 1 at t = 1: x(0) = 1/e. */
function growth(change: Partial<SamplingProblem> = {}): SamplingProblem {
  return {
    start: new Float32Array([1]),
    velocity: (x) => Promise.resolve({ conditional: Float32Array.from(x), unconditional: null }),
    path: (t) => ({ alpha: 1 - t, sigma: t, dAlpha: -1, dSigma: 1 }),
    guidance: { scale: 1, low: 0, high: 1 },
    noise: () => new Float32Array(1),
    ...change,
  };
}

async function errorAt(steps: number): Promise<number> {
  const sampler = await templateExport.create({ steps }, {});
  return Math.abs((await sampler.sample(growth()))[0]! - Math.exp(-1));
}

describe('Adams–Bashforth', () => {
  it('is of second order: half the step, a quarter of the error', async () => {
    const [coarse, fine] = [await errorAt(20), await errorAt(40)];
    assert.ok(fine < 1e-3);
    assert.ok(coarse / fine > 3.5 && coarse / fine < 4.5, `${coarse} / ${fine}`);
  });

  it('asks for one evaluation a step, guided where the interval says', async () => {
    const asked: [number, boolean][] = [];
    const sampler = await templateExport.create({ steps: 4 }, {});
    const x = await sampler.sample(
      growth({
        guidance: { scale: 3, low: 0.5, high: 0.75 },
        velocity: (_, t, guided) => {
          asked.push([t, guided]);
          return Promise.resolve({
            conditional: new Float32Array([1]),
            unconditional: guided ? new Float32Array([0]) : null,
          });
        },
      }),
    );
    assert.deepEqual(asked, [
      [1, false],
      [0.75, true],
      [0.5, true],
      [0.25, false],
    ]);
    // Slopes 1, 3, 3, 1: steps of 1, 4.5 − 0.5, 4.5 − 1.5 and 1.5 − 1.5, a quarter each.
    assert.equal(x[0], 1 - (1 + 4 + 3 + 0) / 4);
  });
});
