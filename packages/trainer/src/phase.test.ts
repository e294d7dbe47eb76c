import type { Observation, TerminationTrigger } from '@hastejs/plugin-api';
import { type Phase, advance, firstPhase } from './phase.js';

const at = (step: number): Observation => ({ step, epoch: 0, imagesSeen: 0, metrics: {} });
/** Stops once it has been asked `limit` times. */
const countdown = (limit: number): TerminationTrigger<number> => ({
  watches: [],
  init: () => 0,
  decide: (asked) =>
    asked + 1 >= limit ? { state: asked + 1, stop: `asked ${asked + 1} times` } : { state: asked + 1 },
});

it('carries the state of the trigger until it fires, and says when and why', () => {
  const trigger = countdown(2) as TerminationTrigger;
  const first = advance(firstPhase(true, trigger), trigger, at(0));
  expect(first).toEqual({ kind: 'aligning', trigger: 1 });
  expect(advance(first, trigger, at(7))).toEqual({ kind: 'free', since: 7, reason: 'asked 2 times' });
});

it('never asks the trigger again once free', () => {
  const asked = jest.fn();
  const trigger: TerminationTrigger = { watches: [], init: () => null, decide: asked };
  const free: Phase = { kind: 'free', since: 3, reason: 'done' };
  expect(advance(free, trigger, at(9))).toBe(free);
  expect(asked).not.toHaveBeenCalled();
});

it('is free from the start without alignment, and aligns for ever without a trigger', () => {
  expect(firstPhase(false, null)).toMatchObject({ kind: 'free', since: 0 });
  const phase = firstPhase(true, null);
  expect(advance(phase, null, at(1_000_000))).toBe(phase);
});
