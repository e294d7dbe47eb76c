import type { Json, TerminationTrigger } from '@hastejs/plugin-api';
import { residual } from './index.js';

const METRIC = 'align/feature';
type Options = Parameters<typeof residual>[0];
const create = (options: Options = {}) => residual.create(residual.options.parse(options), {}) as TerminationTrigger;

/** A small deterministic noise, uniform in [−½, ½). */
const noise = (step: number) => (Math.imul(step + 1, 2654435761) >>> 8) / 2 ** 24 - 0.5;

/** The step after which it fires on a curve of the metric; `pass` may tamper with the state between steps. */
function firesAt(trigger: TerminationTrigger, curve: (step: number) => number | undefined, pass = (s: Json) => s) {
  let state = trigger.init();
  for (let step = 1; step <= 5000; step++) {
    const value = curve(step);
    const metrics = value === undefined ? {} : { [METRIC]: value };
    const decision = trigger.decide(pass(state), { step, epoch: 0, imagesSeen: 0, metrics });
    if (decision.stop !== undefined) return { step, reason: decision.stop };
    state = decision.state;
  }
  return null;
}

/** A residual that falls to 0.2 as exp(−step/500), as the negative cosine that training logs. */
const settling = (step: number) => 2 * (0.2 + 0.4 * Math.exp(-step / 500)) - 1;

describe('trigger/residual', () => {
  it('fires where the averages of its definition meet, computed here from the sums', () => {
    const [fast, slow, minGain] = [20, 200, 0.02];
    // aₙ = max(1/n, 1/h): the plain mean of the first h values, then exponential.
    const averageUntil = (n: number, horizon: number) => {
      let mean = 0;
      for (let i = 1; i <= n; i++) {
        const a = i < horizon ? 1 / i : 1 / horizon;
        mean = mean * (1 - a) + a * ((1 + settling(i)) / 2);
      }
      return mean;
    };
    const expected = Array.from({ length: 5000 }, (_, i) => i + 1).find(
      (n) => n > slow && averageUntil(n, fast) > (1 - minGain) * averageUntil(n, slow),
    );
    expect(expected).toBeGreaterThan(500);
    expect(firesAt(create({ fast, slow, minGain }), settling)?.step).toBe(expected);
  });

  it('goes on while the residual falls by enough, and noise does not fool patience', () => {
    expect(firesAt(create({ fast: 20, slow: 200 }), (step) => 2 * Math.exp(-step / 2000) - 1)).toBeNull();
    const noisy = (step: number) => settling(step) + 0.05 * noise(step);
    const without = firesAt(create({ fast: 5, slow: 200 }), settling)!.step;
    expect(firesAt(create({ fast: 5, slow: 200 }), noisy)!.step).toBeLessThan(without);
    expect(firesAt(create({ fast: 5, slow: 200, patience: 25 }), noisy)!.step).toBeGreaterThan(without);
  });

  it('judges nothing before the slow average is full, or before warmUp', () => {
    expect(firesAt(create({ fast: 5, slow: 100 }), () => -0.5)?.step).toBe(101);
    expect(firesAt(create({ fast: 5, slow: 100, warmUp: 7 }), () => -0.5)?.step).toBe(8);
  });

  it('reads a cosine or a residual, and counts only what was measured', () => {
    const asResidual = (step: number) => (1 + settling(step)) / 2;
    const options = { fast: 20, slow: 200 };
    expect(firesAt(create({ ...options, reads: 'residual' }), asResidual)?.step).toBe(
      firesAt(create(options), settling)?.step,
    );
    const everyOther = (step: number) => (step % 4 === 0 ? -0.5 : step % 4 === 2 ? NaN : undefined);
    expect(firesAt(create({ fast: 2, slow: 10 }), everyOther)?.step).toBe(44);
  });

  it('says what it saw', () => {
    expect(firesAt(create({ fast: 2, slow: 4 }), () => -0.5)?.reason).toBe(
      'the residual of align/feature is 0.25000 lately and 0.25000 before: a gain of 0.0%, less than 2.0%',
    );
  });

  it('is pure, and its state survives JSON', () => {
    const options = { fast: 20, slow: 200 };
    const throughJson = firesAt(create(options), settling, (state) => Object.freeze(JSON.parse(JSON.stringify(state))));
    expect(throughJson).toEqual(firesAt(create(options), settling));
  });

  it.each([{ fast: 0 }, { fast: 10, slow: 10 }, { minGain: 1 }, { patience: 0 }, { reads: 'cosine' }, { ramp: 3 }])(
    'refuses %p',
    (wrong) => {
      expect(residual.options.safeParse(wrong).success).toBe(false);
    },
  );
});
