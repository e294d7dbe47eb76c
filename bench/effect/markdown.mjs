// The report in words: what docs/results.md shows, too.

/** @param result {{ command, machine, options, backend, about, summary }} */
export function markdownOf(result, plot) {
  const { summary, options } = result;
  return [
    ...about(result),
    '',
    ...armTable(summary),
    '',
    ...verdicts(summary),
    '',
    `![Fréchet distance against steps, mean and range over seeds](${plot})`,
    '',
    `Fréchet distance of ${count(options.along)} samples by step, mean over seeds:`,
    '',
    ...curveTable(summary),
    '',
    ...(summary.rows[0].ahead.length > 0
      ? [
          'How many times fewer steps an arm needs to be as good as plain is at a step, mean over seeds:',
          '',
          ...aheadTable(summary),
          '',
        ]
      : []),
    'The last score of every seed:',
    '',
    ...seedTable(summary),
    '',
  ].join('\n');
}

function about({ command, machine, options, backend, about, scoring }) {
  return [
    '```sh',
    command,
    '```',
    '',
    `${machine.date.slice(0, 10)}, ${machine.processor}, ${machine.cores} cores, Node ${machine.node}; ${backend.name} on ${backend.device} (${backend.version}). ` +
      `${options.seeds.length === 1 ? 'One seed' : `${options.seeds.length} seeds`}, ${count(options.steps)} steps of ${about.batchSize} of ${count(about.images)} images; ${about.student}. Letting go after step ${count(options.stop)}. ` +
      `Last scores of ${count(options.samples)} samples, those along the way of ${count(options.along)}, against ${count(scoring.reference.images)} test images.`,
  ];
}

function armTable({ rows }) {
  return tableOf(
    [
      'arm',
      'Fréchet, last',
      'on its label',
      "steps to plain's last score",
      'times fewer',
      'ms/step aligning',
      'ms/step free',
      'peak MiB',
    ],
    rows.map(({ arm, final, reached, ratio, stepMs, peakBytes }) => [
      arm,
      range(final.frechet, 1),
      range(final.accuracy, 3),
      reached ? range(reached, 0) : 'not by every seed',
      ratio ? range(ratio, 2) : '–',
      ...[stepMs.aligning, stepMs.free].map((value) => (value === null ? '–' : value.toFixed(1))),
      (peakBytes / 2 ** 20).toFixed(0),
    ]),
  );
}

/** What the paper claims, and whether it was found here. */
function verdicts({ rows, stopping }) {
  const ratio = rows.find(({ arm }) => arm === 'both+stop')?.ratio;
  return [
    ...(ratio === undefined
      ? []
      : [
          `- At least 2 times fewer steps than plain for both+stop: **${ratio && ratio.mean >= 2 ? 'yes' : 'no'}**${ratio ? ` (${range(ratio, 2)})` : ''}.`,
        ]),
    ...(stopping
      ? [
          `- Stopped not worse than never stopped at the end: **${stopping.mean <= 0 ? 'yes' : 'no'}** ` +
            `(stopped less never, by seed: ${stopping.differences.map((value) => signed(value)).join(', ')}; the seeds are the error bar).`,
        ]
      : []),
  ];
}

function curveTable({ rows }) {
  const steps = rows[0].curve.map(({ step }) => step);
  return tableOf(
    ['arm', ...steps.map(count)],
    rows.map(({ arm, curve }) => [arm, ...curve.map(({ frechet }) => frechet.mean.toFixed(1))]),
  );
}

/** The first scored step is left out: before it nobody was looked at, so nobody can be seen to be ahead. */
function aheadTable({ rows }) {
  const steps = rows[0].ahead.slice(1).map(({ step }) => step);
  const others = rows.filter(({ arm }) => arm !== 'none');
  return tableOf(
    ['arm', ...steps.map(count)],
    others.map(({ arm, ahead }) => [arm, ...ahead.slice(1).map(({ ratio }) => (ratio ? ratio.mean.toFixed(2) : '–'))]),
  );
}

function seedTable({ rows, seeds }) {
  return tableOf(
    ['arm', ...seeds.map((seed) => `seed ${seed}`)],
    rows.map(({ arm, seeds: own }) => [
      arm,
      ...own.map(({ frechet, accuracy }) => `${frechet.toFixed(1)} / ${accuracy.toFixed(3)}`),
    ]),
  );
}

/** A Markdown table with columns as wide as their cells, as prettier leaves it. */
function tableOf(head, rows) {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(3, ...all.map((row) => row[i].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}

const range = ({ mean, min, max }, digits) =>
  min === max ? mean.toFixed(digits) : `${mean.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
const count = (value) => value.toLocaleString('en-US');
const signed = (value) => (value < 0 ? '−' : '+') + Math.abs(value).toFixed(2);
