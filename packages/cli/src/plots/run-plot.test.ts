import type { RunLog } from '@hastejs/trainer';
import { familiesOf, matches } from './families.js';
import { runPlot } from './run-plot.js';
import { tickLabel, ticksOf } from './ticks.js';

describe('families of values', () => {
  it('are what differs in a block, in a time, or in its last part', () => {
    const families = familiesOf(['loss/total', 'loss/denoise', 'grad_norm', 'm/c/block10', 'm/c/block2', 'm/d/block2/error', 'm/g', 'm/g/error', 'm/g/t0.1', 'm/g/t0.02']); // prettier-ignore
    expect(families.map(({ title, members, ordered }) => [title, ordered, members.map(({ label }) => label)])).toEqual([
      ['loss/*', false, ['total', 'denoise']],
      ['grad_norm', false, ['grad_norm']],
      ['m/c/block*', true, ['block2', 'block10']],
      // The error of nothing is a value.
      ['m/d/block2/error', true, ['block2']],
      ['m/g', false, ['g']],
      ['m/g/t*', true, ['t0.02', 't0.1']],
    ]);
  });

  it('are chosen by names with stars', () => {
    expect(matches('metric/cknna/block1', ['loss/*', 'metric/*/block1'])).toBe(true);
    expect(matches('metric/cknna/block12', ['metric/*/block1'])).toBe(false);
    expect(matches('grad_norm', ['grad.norm'])).toBe(false);
  });
});

it.each([
  [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [-0.13, 0.41, [-0.1, 0, 0.1, 0.2, 0.3, 0.4]],
  [0, 100_000, [0, 20_000, 40_000, 60_000, 80_000, 100_000]],
  [3, 3.1, [3, 3.02, 3.04, 3.06, 3.08, 3.1]],
])('ticks from %p to %p are round', (low, high, expected) => {
  expect(ticksOf(low, high).map((tick) => Number(tickLabel(tick).replaceAll(',', '')))).toEqual(expected);
});

describe('the plot of a run', () => {
  const log: RunLog = {
    steps: new Map([
      [1, { 'loss/total': 3, 'align/a': 1 }],
      [
        2,
        {
          'loss/total': 2,
          'align/a': NaN,
          'metric/c/block0': 0.5,
          'metric/c/block0/error': 0.25,
          'metric/c/block1': 0.1,
        },
      ],
      [3, { 'loss/total': 1 }],
    ]),
    last: 3,
    aligned: 2,
    complete: true,
  };

  it('has a chart for each family, with axes, a legend and the end of phase I', () => {
    const { svg, charts } = runPlot(log, 'a < b', [])!;
    expect(charts).toEqual(['loss/total', 'align/a', 'metric/c/block*']);
    expect(svg).toContain('a &lt; b');
    for (const text of ['training step', '>block0<', '>block1<', 'end of phase I']) expect(svg).toContain(text);
    expect(svg.match(/training step/g)).toHaveLength(3);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    // Only one value has an error.
    expect(svg.match(/d="M[\d. ]+L[\d. ]+" stroke="[^"]+" fill="none"/g)).toHaveLength(1);
  });

  it('has what was asked for, or nothing', () => {
    expect(runPlot(log, 'run', ['loss/*', 'metric/c/block1'])!.charts).toEqual(['loss/total', 'metric/c/block1']);
    expect(runPlot(log, 'run', ['loss'])).toBeNull();
    const aligning = { ...log, aligned: 3 };
    expect(runPlot(aligning, 'run', [])!.svg).not.toContain('end of phase I');
  });
});
