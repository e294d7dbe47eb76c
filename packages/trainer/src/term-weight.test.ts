import type { TermWeight } from '@hastejs/core';
import { endWhenSpent } from './spent-weights.js';
import { spentAt, varies, weightAt } from './term-weight.js';

const at = (weight: TermWeight, step: number, factor = 1) => weightAt(weight, { step, factor });
const ramp = (shape: 'linear' | 'cosine', to = 0): TermWeight => ({
  value: 0.5,
  ramp: { to, start: 10, steps: 4, shape },
});

it('is a number, whatever the step', () => {
  expect([at(0.5, 0), at(0.5, 1e6), at({ value: 0.25 }, 7)]).toEqual([0.5, 0.5, 0.25]);
  expect(at(0.5, 3, 0.5)).toBe(0.25);
});

it('ramps from its value to another, and stays there', () => {
  const linear = [0, 10, 11, 12, 13, 14, 99].map((step) => at(ramp('linear'), step));
  expect(linear).toEqual([0.5, 0.5, 0.375, 0.25, 0.125, 0, 0]);
  expect(at(ramp('cosine'), 11)).toBeCloseTo(0.5 * Math.cos(Math.PI / 8) ** 2, 12);
  expect(at(ramp('cosine'), 12)).toBeCloseTo(0.25, 12);
  expect(at(ramp('linear', 2), 12)).toBe(1.25);
});

it('tells whether it varies, and when it is spent', () => {
  expect([0.5, { value: 1 }, ramp('linear', 0.5), ramp('linear')].map(varies)).toEqual([false, false, false, true]);
  expect([0, 0.5, ramp('linear', 1), ramp('linear')].map(spentAt)).toEqual([Infinity, Infinity, Infinity, 14]);
});

describe('alignment whose weights have come down to zero', () => {
  const alignment = (...weights: TermWeight[]) =>
    ({ terms: Object.fromEntries(weights.map((weight, i) => [`t${i}`, { weight }])) }) as never;
  const observation = (step: number) => ({ step, epoch: 0, imagesSeen: 0, metrics: {} });

  it('ends when the last of them is spent', () => {
    const trigger = endWhenSpent(
      null,
      alignment(ramp('linear'), { value: 1, ramp: { to: 0, start: 0, steps: 20, shape: 'cosine' } }),
    )!;
    expect(trigger.decide(trigger.init(), observation(19))).toEqual({ state: null });
    expect(trigger.decide(null, observation(20)).stop).toContain('zero at step 20');
  });

  it('leaves the trigger as it is while any weight stays', () => {
    const trigger = { watches: [], init: () => 3, decide: (state: never) => ({ state, stop: 'now' }) };
    expect(endWhenSpent(trigger, alignment(ramp('linear'), 0))).toBe(trigger);
    expect(endWhenSpent(null, alignment(0))).toBeNull();
    const wrapped = endWhenSpent(trigger, alignment(ramp('linear')))!;
    expect([wrapped.init(), wrapped.decide(3, observation(30)).stop]).toEqual([3, 'now']);
  });
});
