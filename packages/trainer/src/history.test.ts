import { History } from './history.js';

const feed = (history: History, from: number, to: number): History => {
  for (let step = from; step <= to; step++) history.add(step, { loss: step });
  return history;
};

it('keeps every step while there is room', () => {
  expect(feed(new History(), 1, 3).curvesByName()).toEqual({ loss: { step: [1, 2, 3], value: [1, 2, 3] } });
});

it('merges neighbours when it outgrows its room, losing no step from the means', () => {
  const { step, value } = feed(new History(), 1, 5000).curvesByName().loss!;
  expect(step.length).toBeLessThanOrEqual(512);
  expect(step.at(-1)).toBe(5000);
  // Width 16: the first bin holds steps 1 to 16.
  expect(value[0]).toBeCloseTo(8.5);
});

it.each([1, 511, 512, 513, 1025, 1500])('goes on from its saved state as if never cut at step %i', (cut) => {
  const whole = feed(new History(), 1, 1600);
  const saved = JSON.parse(JSON.stringify(feed(new History(), 1, cut).state()));
  expect(feed(new History(saved), cut + 1, 1600).state()).toEqual(whole.state());
});

it('keeps curves that begin late on the same bins', () => {
  const history = feed(new History(), 1, 600);
  history.add(601, { loss: 1, metric: 5 });
  history.add(602, { loss: 1, metric: 7 });
  expect(history.curvesByName().metric).toEqual({ step: [602], value: [6] });
});
