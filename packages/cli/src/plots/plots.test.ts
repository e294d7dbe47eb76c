import type { Replay, RunLog } from '@hastejs/trainer';
import { rangeOf, thinned } from './curve.js';
import { replayPlot } from './replay-plot.js';

describe('curves', () => {
  it('are thinned to means over equal spans, whose mean is that of all', () => {
    const points = Array.from({ length: 1000 }, (_, x) => ({ x: x + 1, y: x % 10 }));
    const few = thinned(points, 100);
    expect(few).toHaveLength(100);
    expect(few.every(({ y }) => y === 4.5)).toBe(true);
    expect(few.at(-1)!.x).toBe(1000);
    expect(thinned(points, 1000)).toBe(points);
  });

  it('have a range with air, also when they are flat', () => {
    expect(rangeOf([{ x: 0, y: 1, error: 1 }, { x: 1, y: 2 }])).toEqual([-0.12, 2.12]); // prettier-ignore
    expect(rangeOf([{ x: 0, y: 5 }])).toEqual([4.5, 5.5]);
    expect(rangeOf([{ x: 0, y: 0 }])).toEqual([-1, 1]);
  });
});

describe('the plot of a replay', () => {
  const log: RunLog = {
    steps: new Map([
      [1, { 'align/a': 0, 'metric/c': 0.5, 'metric/c/error': 0.25 }],
      [2, { 'align/a': 1, 'metric/c': NaN }],
    ]),
    last: 2,
    aligned: 2,
    complete: true,
  };
  const replay = (change: Partial<Replay & { name: string }>): Replay & { name: string } => ({
    until: null,
    fired: null,
    factors: [],
    watches: [],
    unmeasured: [],
    asked: 2,
    name: 'a < b',
    ...change,
  });

  it('shows what was watched, with its error, and a line where each trigger fires', () => {
    const svg = replayPlot(log, [
      replay({ watches: ['metric/c', 'metric/c/error'], fired: { step: 1, reason: 'x' }, factors: [[1, 0.5]] }),
      replay({ name: 'other', watches: ['metric/none'] }),
    ]);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, content]) => content);
    expect(texts).toEqual([
      ...['a &lt; b: step 1', 'other: not fired', 'metric/c', '0.78', '0.22'],
      ...['metric/none (not measured)', '1', '0', 'weight left by a &lt; b', '1.06', '-0.06', '0', '2 steps'],
    ]);
    // The only measurement lies in the middle of its panel, and its whisker reaches as far as its error.
    expect(svg).toContain('M469.0 145.0');
    expect(svg.match(/stroke="#d55e00" stroke-width="2" fill="none"/g)).toHaveLength(3);
  });

  it('shows the alignment where nothing is watched', () => {
    expect(replayPlot(log, [replay({})])).toContain('>align/a<');
  });
});
