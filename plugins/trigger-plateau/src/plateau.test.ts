import type { Json, TerminationTrigger } from '@hastejs/plugin-api';
import { plateau } from './index.js';

const METRIC = 'align/feature';
type Options = Partial<Parameters<typeof plateau>[0]>;
const create = (options: Options = {}) =>
  plateau.create(plateau.options.parse({ metric: METRIC, ...options }), {}) as TerminationTrigger;

/** A small deterministic noise, uniform in [−½, ½). */
const noise = (step: number) => (Math.imul(step + 1, 2654435761) >>> 8) / 2 ** 24 - 0.5;

interface Run {
  readonly step: number | null;
  readonly reason: string | undefined;
}

/** Feeds a curve until the trigger stops; `pass` may tamper with the state between steps. */
function run(trigger: TerminationTrigger, curve: (step: number) => number | undefined, pass = (s: Json) => s): Run {
  let state = trigger.init();
  for (let step = 1; step <= 20_000; step++) {
    const value = curve(step);
    const metrics = value === undefined ? {} : { [METRIC]: value };
    const decision = trigger.decide(pass(state), { step, epoch: 0, imagesSeen: 0, metrics });
    if (decision.stop !== undefined) return { step, reason: decision.stop };
    state = decision.state;
  }
  return { step: null, reason: undefined };
}

const falling = (step: number) => -0.5 * (1 - Math.exp(-step / 1000)) + 0.05 * noise(step);

describe('trigger/plateau', () => {
  it('stops after the curve is flat, and not while it falls', () => {
    const { step } = run(create({ window: 200 }), falling);
    // Five time constants in, what is left to gain is 0.7 % of the whole, a seventh of the noise.
    expect(step).toBeGreaterThan(3000);
    expect(step).toBeLessThan(9000);
  });

  it('never stops on steady slow progress far below the noise of one measurement', () => {
    expect(run(create({ window: 500 }), (step) => -1e-5 * step + 0.1 * noise(step)).step).toBeNull();
  });

  it('stops at patience + 1 windows on pure noise, later with warm-up', () => {
    const flat = (step: number) => 0.1 * noise(step);
    expect(run(create({ window: 100, patience: 2, minGain: 10 }), flat).step).toBe(300);
    expect(run(create({ window: 100, patience: 2, minGain: 10, warmUp: 1000 }), flat).step).toBe(1300);
  });

  it('reads a rising metric the other way', () => {
    const rising = (step: number) => -falling(step);
    expect(run(create({ window: 200, better: 'higher' }), rising).step).toBe(
      run(create({ window: 200 }), falling).step,
    );
    expect(run(create({ window: 200, better: 'lower' }), rising).step).toBe(800);
  });

  it('counts only what was measured', () => {
    const everyTenth = (step: number) => (step % 10 === 0 ? 1 : step % 10 === 5 ? NaN : undefined);
    expect(run(create({ window: 4, patience: 1 }), everyTenth).step).toBe(80);
  });

  it('says what it saw and what would have counted', () => {
    const { reason } = run(create({ window: 2, patience: 1 }), (step) => (step % 2 ? -0.5 : -0.25));
    expect(reason).toBe(
      'align/feature has not improved over the last 2 measurements: -0.37500 ± 0.13 now, -0.37500 ± 0.13 before; ' +
        '0.35 better (2 standard errors) would have counted',
    );
  });

  it('is pure, and its state survives JSON', () => {
    const plain = run(create({ window: 200 }), falling);
    const throughJson = run(create({ window: 200 }), falling, (state) => JSON.parse(JSON.stringify(state)));
    expect(throughJson).toEqual(plain);
    const trigger = create({ window: 2 });
    const frozen = Object.freeze(trigger.init() as object) as Json;
    const observation = { step: 1, epoch: 0, imagesSeen: 0, metrics: { [METRIC]: 1 } };
    expect(trigger.decide(frozen, observation)).toEqual(trigger.decide(frozen, observation));
  });

  it.each([
    { metric: '' },
    { window: 1 },
    { patience: 0 },
    { minGain: -1 },
    { warmUp: 0.5 },
    { better: 'up' },
    { span: 1 },
  ])('refuses %p', (wrong) => {
    expect(plateau.options.safeParse({ metric: METRIC, ...wrong }).success).toBe(false);
  });
});
