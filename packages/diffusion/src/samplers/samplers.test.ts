// Problems whose answer is known: data that are one point, or normally distributed with deviation S.
import type { Guidance, PathCoefficients, SamplingProblem } from '@hastejs/plugin-api';
import { rng } from '@hastejs/tensor';
import { type InterpolantName, pathCoefficients } from '../interpolants.js';
import { scoreFromVelocity } from '../score.js';
import { euler, sampleEuler } from './euler.js';
import { eulerMaruyama, sampleEulerMaruyama } from './euler-maruyama.js';
import { heun, sampleHeun } from './heun.js';

const S = 0.4;
const OFF: Guidance = { scale: 1, low: 0, high: 1 };

/** For x₀ ~ N(0, S²), v = E[α̇·x₀ + σ̇·ε | x] = x·(α̇·α·S² + σ̇·σ)/(α²·S² + σ²). */
function normalVelocity(x: number, { alpha, sigma, dAlpha, dSigma }: PathCoefficients): number {
  return (x * (dAlpha * alpha * S ** 2 + dSigma * sigma)) / (alpha ** 2 * S ** 2 + sigma ** 2);
}

interface Call {
  readonly t: number;
  readonly guided: boolean;
}

function problem(path: InterpolantName, start: Float32Array, change: Partial<SamplingProblem> = {}): SamplingProblem {
  return {
    start,
    path: (t) => pathCoefficients(path, t),
    guidance: OFF,
    noise: (k) => rng(1).stream('noise').at(k).normal(start.length),
    velocity: async (x, t) => ({
      conditional: Float32Array.from(x, (value) => normalVelocity(value, pathCoefficients(path, t))),
      unconditional: null,
    }),
    ...change,
  };
}

/** A problem that records the times it was asked for; conditional velocity 1, unconditional 0. */
function recording(guidance: Guidance): { calls: Call[]; problem: SamplingProblem } {
  const calls: Call[] = [];
  const velocity: SamplingProblem['velocity'] = async (x, t, guided) => {
    calls.push({ t, guided });
    return {
      conditional: new Float32Array(x.length).fill(1),
      unconditional: guided ? new Float32Array(x.length) : null,
    };
  };
  return { calls, problem: problem('linear', new Float32Array([0, 3]), { guidance, velocity }) };
}

const spread = (x: Float64Array): number => Math.sqrt(x.reduce((sum, value) => sum + value ** 2, 0) / x.length);

describe('the ODE samplers', () => {
  /** Exact: x(0) = S·x(1), since x(t)/√(α²S² + σ²) stays constant. */
  const error = async (sampler: typeof sampleEuler, path: InterpolantName, steps: number): Promise<number> =>
    Math.abs((await sampler(problem(path, new Float32Array([2])), steps))[0]! - 2 * S);

  it.each(['linear', 'cosine'] as const)('converge with their order on the %s path', async (path) => {
    const [coarse, fine] = [await error(sampleEuler, path, 40), await error(sampleEuler, path, 80)];
    expect(fine).toBeLessThan(0.02);
    expect(coarse / fine).toBeGreaterThan(1.8);
    const [heunCoarse, heunFine] = [await error(sampleHeun, path, 40), await error(sampleHeun, path, 80)];
    expect(heunCoarse).toBeLessThan(coarse / 4);
    expect(heunCoarse / heunFine).toBeGreaterThan(3);
  });

  it('reach a single point in any number of steps', async () => {
    const start = new Float32Array([-1, 0.5, 2]);
    const velocity: SamplingProblem['velocity'] = async (x, t) => ({
      conditional: Float32Array.from(x, (value) => (value - 0.25) / t),
      unconditional: null,
    });
    for (const steps of [1, 3, 7]) {
      const x = await sampleEuler(problem('linear', start, { velocity }), steps);
      x.forEach((value) => expect(value).toBeCloseTo(0.25, 6));
    }
  });
});

describe('Euler–Maruyama', () => {
  it.each(['linear', 'cosine'] as const)('gives data of the right spread on the %s path', async (path) => {
    const x = await sampleEulerMaruyama(problem(path, rng(2).normal(4000)), 250, 0.04);
    expect(spread(x) / S).toBeGreaterThan(0.95);
    expect(spread(x) / S).toBeLessThan(1.05);
  });

  it('draws noise for every step but the last, in order', async () => {
    const drawn: number[] = [];
    const given = problem('linear', new Float32Array(1), {
      noise: (k) => {
        drawn.push(k);
        return new Float32Array(1);
      },
    });
    await sampleEulerMaruyama(given, 4, 0.04);
    expect(drawn).toEqual([0, 1, 2]);
  });

  it.each(['linear', 'cosine'] as const)('follows the score of the state, −x/variance, on the %s path', (path) => {
    for (const t of [0.04, 0.5, 1]) {
      const coefficients = pathCoefficients(path, t);
      const variance = (coefficients.alpha * S) ** 2 + coefficients.sigma ** 2;
      expect(scoreFromVelocity(normalVelocity(0.7, coefficients), 0.7, coefficients)).toBeCloseTo(-0.7 / variance, 9);
    }
  });
});

describe('guidance', () => {
  const samplers = [
    (given: SamplingProblem) => sampleEuler(given, 4),
    (given: SamplingProblem) => sampleHeun(given, 4),
    (given: SamplingProblem) => sampleEulerMaruyama(given, 4, 0.04),
  ] as const;

  it.each(samplers)('with a scale of 1 never asks for the null class', async (sample) => {
    const { calls, problem } = recording(OFF);
    await sample(problem);
    expect(calls.some(({ guided }) => guided)).toBe(false);
  });

  it('acts where low ≤ t ≤ high, both ends included', async () => {
    const { calls, problem } = recording({ scale: 3, low: 0.25, high: 0.75 });
    const x = await sampleEuler(problem, 4);
    expect(calls).toEqual([
      { t: 1, guided: false },
      { t: 0.75, guided: true },
      { t: 0.5, guided: true },
      { t: 0.25, guided: true },
    ]);
    // u + s·(c − u) with c = 1, u = 0: one step at 1, three at 3, each of −1/4.
    expect([...x]).toEqual([-2.5, 0.5]);
  });

  it("keeps the predictor's answer in Heun's correction, which the last step does without", async () => {
    const { calls, problem } = recording({ scale: 3, low: 0.6, high: 1 });
    await sampleHeun(problem, 2);
    expect(calls).toEqual([
      { t: 1, guided: true },
      { t: 0.5, guided: true },
      { t: 0.5, guided: false },
    ]);
  });
});

describe('sampler extensions', () => {
  it('take 250 steps unless told otherwise, and refuse what makes no sense', () => {
    for (const sampler of [euler, heun]) expect(sampler.options.parse({})).toEqual({ steps: 250 });
    expect(eulerMaruyama.options.parse({})).toEqual({ steps: 250, last: 0.04 });
    for (const wrong of [{ steps: 0 }, { steps: 2.5 }, { step: 10 }]) {
      for (const sampler of [euler, heun, eulerMaruyama]) expect(sampler.options.safeParse(wrong).success).toBe(false);
    }
    expect(eulerMaruyama.options.safeParse({ last: 0 }).success).toBe(false);
  });

  it('run their algorithm and count their steps', async () => {
    for (const sampler of [euler, heun, eulerMaruyama]) {
      const done: number[] = [];
      const given = problem('linear', new Float32Array([1]), { onStep: (step) => done.push(step) });
      const { sample } = await sampler.create({ steps: 3, last: 0.04 }, {});
      expect(await sample(given)).toHaveLength(1);
      expect(done).toEqual([1, 2, 3]);
    }
  });
});
