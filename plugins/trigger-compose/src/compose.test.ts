import type { AnyExtension, Extensions, Json, Ref, TerminationTrigger } from '@hastejs/plugin-api';
import { after, allOf, anyOf, atMost, ramp } from './index.js';

/** A trigger that fires once it was asked `asks` times, and wants a metric. */
const countdown = (asks: number, name = `c${asks}`): Ref<'trigger'> => ({
  kind: 'trigger',
  id: 'trigger/countdown',
  with: { asks, name },
});

function makeCountdown({ asks, name }: { asks: number; name: string }): TerminationTrigger<number> {
  return {
    watches: [`metric/${name}`],
    measures: [{ kind: 'metric', id: 'metric/toy', with: { name } }],
    init: () => 0,
    decide: (asked) => (asked + 1 >= asks ? { state: asked + 1, stop: `${name} ended` } : { state: asked + 1 }),
  };
}

const KNOWN = [after, allOf, anyOf, atMost, ramp] as readonly AnyExtension[];
const extensions = {
  create: async (ref: Ref<'trigger'>) => {
    if (ref.id === 'trigger/countdown') return makeCountdown(ref.with as never);
    const { options, create } = KNOWN.find(({ id }) => id === ref.id)!;
    return create(options.parse(ref.with) as never, { extensions } as never);
  },
} as unknown as Extensions;
const make = (ref: Ref<'trigger'>): Promise<TerminationTrigger> => extensions.create(ref);

interface Outcome {
  readonly step: number | null;
  readonly reason?: string;
  /** Of every step before the end. */
  readonly weights: readonly number[];
}

/** Asks at boundaries 0, 1, …, passing the state through JSON, frozen. */
function run(trigger: TerminationTrigger): Outcome {
  let state = trigger.init();
  const weights: number[] = [];
  for (let step = 0; step < 40; step++) {
    const passed = Object.freeze(JSON.parse(JSON.stringify(state))) as Json;
    const decision = trigger.decide(passed, { step, epoch: 0, imagesSeen: 0, metrics: {} });
    if (decision.stop !== undefined) return { step, reason: decision.stop, weights };
    weights.push(decision.weight ?? 1);
    state = decision.state;
  }
  return { step: null, weights };
}
const outcome = async (ref: Ref<'trigger'>): Promise<Outcome> => run(await make(ref));

describe('after', () => {
  it('asks nothing before its step: patience begins there', async () => {
    expect(await outcome(after(10, countdown(3)))).toMatchObject({ step: 12, reason: 'c3 ended' });
    expect((await outcome(after(0, countdown(3)))).step).toBe(2);
  });
});

describe('atMost', () => {
  it('is the trigger, or the step', async () => {
    expect(await outcome(atMost(10, countdown(3)))).toMatchObject({ step: 2, reason: 'c3 ended' });
    expect(await outcome(atMost(10, countdown(30)))).toMatchObject({
      step: 10,
      reason: 'step 10 is reached, the last that may align (trigger/countdown had not fired)',
    });
    expect((await outcome(atMost(3, countdown(4)))).reason).toBe('c4 ended');
  });
});

describe('anyOf and allOf', () => {
  it('fire with the first and with the last', async () => {
    const three = [countdown(9), countdown(4), countdown(6)];
    expect(await outcome(anyOf(...three))).toMatchObject({ step: 3, reason: 'c4 ended' });
    expect(await outcome(allOf(...three))).toMatchObject({ step: 8, reason: 'c9 ended; and c4 ended; and c6 ended' });
  });

  it('take the lowest weight of ramps, or the highest', async () => {
    const [slow, fast] = [
      ramp(countdown(1), { steps: 4, shape: 'linear' }),
      ramp(countdown(1), { steps: 2, shape: 'linear' }),
    ];
    expect(await outcome(anyOf(slow, fast))).toMatchObject({ step: 2, weights: [1, 0.5] });
    expect(await outcome(allOf(slow, fast))).toMatchObject({ step: 4, weights: [1, 0.75, 0.5, 0.25] });
  });
});

describe('ramp', () => {
  it('falls from 1 to 0 over its steps, counted from the step at which the trigger fired', async () => {
    const linear = await outcome(ramp(countdown(3), { steps: 4, shape: 'linear' }));
    expect(linear).toMatchObject({ step: 6, weights: [1, 1, 1, 0.75, 0.5, 0.25] });
    expect(linear.reason).toBe('c3 ended; then faded out over 4 steps from step 2');
    const cosine = await outcome(ramp(countdown(1), { steps: 3 }));
    const expected = [1, 0.75, 0.25];
    expect(cosine.step).toBe(3);
    cosine.weights.forEach((weight, k) => expect(weight).toBeCloseTo(expected[k]!, 12));
  });

  it('nests: a ramp may be cut short, begin late, or follow several triggers', async () => {
    expect((await outcome(atMost(4, ramp(countdown(3), { steps: 9 })))).step).toBe(4);
    expect((await outcome(ramp(atMost(4, countdown(30)), { steps: 9 }))).step).toBe(13);
    expect((await outcome(ramp(after(5, anyOf(countdown(3), countdown(2))), { steps: 2 }))).step).toBe(8);
  });
});

it('passes on what the wrapped triggers watch and measure, each once', async () => {
  const trigger = await make(anyOf(after(1, countdown(3)), ramp(countdown(3), { steps: 2 }), atMost(9, countdown(5))));
  expect(trigger.watches).toEqual(['metric/c3', 'metric/c5']);
  expect(trigger.measures?.map((metric) => metric.with['name'])).toEqual(['c3', 'c5']);
});

it('is plain data for recipes, with the short forms of references', () => {
  expect(after(5, 'trigger/never')).toEqual({
    kind: 'trigger',
    id: 'trigger/after',
    with: { step: 5, trigger: 'trigger/never' },
  });
  expect(after.options.parse({ step: 5, trigger: 'trigger/never' })).toEqual({
    step: 5,
    trigger: { kind: 'trigger', id: 'trigger/never', with: {} },
  });
});

it.each([
  [after, { step: -1, trigger: 'trigger/x' }],
  [after, { step: 1 }],
  [atMost, { step: 1, trigger: { id: 'trigger/x', kind: 'metric' } }],
  [anyOf, { triggers: [] }],
  [allOf, { triggers: [3] }],
  [ramp, { trigger: 'trigger/x', steps: 0 }],
  [ramp, { trigger: 'trigger/x', steps: 3, shape: 'step' }],
])('refuses wrong options: %#', (extension, options) => {
  expect(extension.options.safeParse(options).success).toBe(false);
});
