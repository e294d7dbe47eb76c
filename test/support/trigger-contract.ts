// What every trigger must keep to, whatever it decides by.
import { isDeepStrictEqual } from 'node:util';
import type { Decision, Json, Observation, TerminationTrigger } from '@hastejs/plugin-api';

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}

/** Values that come and go, worsen in the end, and sometimes are NaN. */
function observationAt(trigger: TerminationTrigger, step: number): Observation {
  const value = step % 17 === 5 ? NaN : Math.abs(step - 200) / 200 + 0.1 * Math.sin(step * 7.1);
  const metrics = Object.fromEntries(trigger.watches.map((name, i) => [name, i % 2 === 0 ? value - 0.5 : 0.01]));
  return { step, epoch: step / 100, imagesSeen: step * 8, metrics: step % 3 === 0 ? {} : metrics };
}

/** Asks to the end or 1,000 steps, passing the state through JSON, frozen, and asking twice. */
function life(trigger: TerminationTrigger): Decision[] {
  const decisions: Decision[] = [];
  let state: Json = trigger.init();
  for (let step = 0; step <= 1000; step++) {
    const passed = deepFreeze(JSON.parse(JSON.stringify(state)) as Json);
    const observation = deepFreeze(observationAt(trigger, step));
    const decision = trigger.decide(passed, observation);
    const { weight = 1 } = decision;
    const again = trigger.decide(passed, observation);
    const faults = [
      ...(isDeepStrictEqual(again, decision) ? [] : ['it answers otherwise when it is asked twice']),
      ...(isDeepStrictEqual(JSON.parse(JSON.stringify(decision.state)), decision.state)
        ? []
        : ['its state is not JSON']),
      ...(weight >= 0 && weight <= 1 ? [] : [`its weight is ${weight}`]),
    ];
    if (faults.length > 0) throw new Error(`At step ${step}: ${faults.join(', ')}.`);
    decisions.push(decision);
    if (decision.stop !== undefined) break;
    state = decision.state;
  }
  return decisions;
}

/**
 * Holds a trigger against its contract: `decide` is pure (frozen inputs, the same answer twice, no memory of its own), its
 * state is JSON and does not grow, it lives with metrics that are missing or not finite, and says in words why it fires.
 * @param make gives a fresh one each time.
 * @returns the step it fired at.
 */
export async function expectTriggerContract(make: () => Promise<TerminationTrigger>): Promise<number> {
  const [trigger, other] = [await make(), await make()];
  const decisions = life(trigger);
  expect(life(trigger)).toEqual(decisions);
  expect(life(other)).toEqual(decisions);
  const sizes = decisions.map(({ state }) => JSON.stringify(state).length);
  expect(Math.max(...sizes)).toBeLessThan(1000);
  const { stop } = decisions.at(-1)!;
  expect(stop).toMatch(/\d/);
  expect(stop).not.toMatch(/NaN|undefined|\[object/);
  for (const metric of trigger.measures ?? []) expect(metric).toMatchObject({ kind: 'metric', id: expect.any(String) });
  return decisions.length - 1;
}
