// Score against steps: a line a arm, and the range over seeds behind it. A whole file, without scripts or fonts.
const [WIDTH, HEIGHT] = [880, 460];
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 150, 24, 48];
/** Colours that stay apart for most eyes (Okabe and Ito). */
const COLOURS = ['#222222', '#0072b2', '#e69f00', '#d55e00', '#009e73'];

/** @param rows of `summarise` */
export function plotOf(rows) {
  const points = rows.flatMap(({ curve }) => curve);
  const last = Math.max(...points.map(({ step }) => step));
  const [low, high] = [Math.min(...points.map((p) => p.frechet.min)), Math.max(...points.map((p) => p.frechet.max))];
  const x = (step) => LEFT + ((WIDTH - LEFT - RIGHT) * step) / last;
  // Logarithmic: a curve falls by powers of ten, and what is asked is by what factor one is ahead.
  const [bottom, top] = [Math.log(Math.max(low, 1e-3) / 1.1), Math.log(Math.max(high, 2e-3) * 1.1)];
  const y = (score) => TOP + ((HEIGHT - TOP - BOTTOM) * (top - Math.log(Math.max(score, 1e-3)))) / (top - bottom);
  const plain = rows.find(({ arm }) => arm === 'none')?.curve.at(-1).frechet.mean;
  const parts = [
    ...axes(x, y, last, [Math.exp(bottom), Math.exp(top)]),
    ...(plain === undefined
      ? []
      : [`<path d="M${LEFT} ${y(plain)}H${WIDTH - RIGHT}" stroke="#222" stroke-dasharray="4 4"/>`]),
    ...rows.flatMap((row, i) => armOf(row, COLOURS[i % COLOURS.length], i, { x, y })),
  ];
  const size = `width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="12" fill="#222">\n<rect width="100%" height="100%" fill="white"/>\n${parts.join('\n')}\n</svg>\n`;
}

function armOf({ arm, curve }, colour, index, { x, y }) {
  const at = (step, score) => `${x(step).toFixed(1)} ${y(score).toFixed(1)}`;
  const upper = curve.map(({ step, frechet }) => at(step, frechet.max));
  const lower = curve.map(({ step, frechet }) => at(step, frechet.min)).reverse();
  const key = TOP + 16 + 20 * index;
  return [
    `<path d="M${[...upper, ...lower].join('L')}Z" fill="${colour}" fill-opacity="0.13"/>`,
    `<path d="M${curve.map(({ step, frechet }) => at(step, frechet.mean)).join('L')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    `<path d="M${WIDTH - RIGHT + 14} ${key - 4}h22" stroke="${colour}" stroke-width="3"/>`,
    text(WIDTH - RIGHT + 42, key, arm),
  ];
}

function axes(x, y, last, [low, high]) {
  const steps = [0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * last));
  const ticks = ticksBetween(low, high);
  return [
    `<rect x="${LEFT}" y="${TOP}" width="${WIDTH - LEFT - RIGHT}" height="${HEIGHT - TOP - BOTTOM}" fill="none" stroke="#bbb"/>`,
    ...steps.map((step) => text(x(step), HEIGHT - BOTTOM + 18, step.toLocaleString('en-US'), 'middle')),
    ...ticks.flatMap((tick) => [
      `<path d="M${LEFT} ${y(tick).toFixed(1)}H${WIDTH - RIGHT}" stroke="#eee"/>`,
      text(LEFT - 8, y(tick) + 4, String(tick), 'end'),
    ]),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, 'steps', 'middle'),
    text(LEFT, 16, 'Fréchet distance to test images (lower is better); mean and range over seeds'),
  ];
}

/** 1, 2 and 5 times powers of ten within a range. */
export function ticksBetween(low, high) {
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const digit of [1, 2, 5]) {
      const tick = Number(`${digit}e${power}`);
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

const text = (x, y, content, anchor = 'start') =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${content}</text>`;
