import { type Point, rangeOf, thinned } from './curve.js';
import { COLOURS, INK, svgFile, text } from './svg.js';
import { tickLabel, ticksOf } from './ticks.js';

export interface Series {
  readonly label: string;
  readonly points: readonly Point[];
}

/** Curves over the same axes. */
export interface Chart {
  /** What the vertical axis shows. */
  readonly title: string;
  readonly series: readonly Series[];
  /** Whether the series are in an order, which their colours then show. */
  readonly ordered: boolean;
}

/** A step at which something happened, drawn through every chart. */
export interface Event {
  readonly step: number;
  readonly label: string;
}

const [WIDTH, LEFT, LEGEND, TOP, BOTTOM] = [960, 78, 170, 30, 44];
const [LEAST_HEIGHT, LINE] = [170, 15];
const RIGHT = WIDTH - LEGEND;
/** Dark to light, even in lightness (anchors of viridis): what is in an order. */
const RAMP = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [222, 200, 37]] as const; // prettier-ignore

/** Charts one below the other over the same steps, each with axes and a legend. A whole file, without scripts or fonts. */
export function chartsFile(title: string, charts: readonly Chart[], steps: number, event: Event | null): string {
  const parts = [text(LEFT, 20, title)];
  let top = 26 + TOP;
  for (const chart of charts) {
    const height = Math.max(LEAST_HEIGHT, (chart.series.length + (event ? 1 : 0)) * LINE);
    parts.push(...drawn(chart, { top, height, steps }, event));
    top += height + TOP + BOTTOM;
  }
  return svgFile(WIDTH, top - TOP, parts);
}

interface Place {
  readonly top: number;
  readonly height: number;
  /** The last step. */
  readonly steps: number;
}

function drawn({ title, series, ordered }: Chart, { top, height, steps }: Place, event: Event | null): string[] {
  const [low, high] = rangeOf(series.flatMap(({ points }) => points));
  const across = (x: number) => LEFT + ((RIGHT - LEFT) * x) / Math.max(1, steps);
  const down = (y: number) => top + (height * (high - y)) / (high - low);
  const place = (x: number, y: number) => `${across(x).toFixed(1)} ${down(y).toFixed(1)}`;
  const colour = (index: number) => (ordered ? rampAt(index, series.length) : COLOURS[index % COLOURS.length]!);
  return [
    ...axes(title, { top, height, steps }, [low, high], across, down),
    ...series.flatMap(({ points }, index) => curveOf(points, colour(index), place)),
    ...(event ? [eventLine(across(event.step), top, height)] : []),
    ...series.map(({ label }, index) => legendLine(label, colour(index), top + index * LINE)),
    ...(event ? [legendLine(event.label, INK, top + series.length * LINE, '4 3')] : []),
  ];
}

function axes(
  title: string,
  { top, height, steps }: Place,
  [low, high]: readonly [number, number],
  across: (x: number) => number,
  down: (y: number) => number,
): string[] {
  const bottom = top + height;
  const rows = ticksOf(low, high).flatMap((tick) => {
    const y = down(tick).toFixed(1);
    return [
      `<path d="M${LEFT} ${y}H${RIGHT}" stroke="#e4e4e4"/>`,
      text(LEFT - 6, Number(y) + 4, tickLabel(tick), 'end'),
    ];
  });
  const columns = ticksOf(0, Math.max(1, steps), 6).flatMap((tick) => {
    const x = across(tick);
    return [
      `<path d="M${x.toFixed(1)} ${bottom}v4" stroke="${INK}"/>`,
      text(x, bottom + 17, tickLabel(tick), 'middle'),
    ];
  });
  const frame = `<rect x="${LEFT}" y="${top}" width="${RIGHT - LEFT}" height="${height}" fill="none" stroke="#999"/>`;
  const label = text((LEFT + RIGHT) / 2, bottom + 33, 'training step', 'middle');
  return [text(LEFT, top - 8, title), ...rows, ...columns, frame, label];
}

/** A curve, with whiskers where errors are known and dots where points are few. */
function curveOf(points: readonly Point[], colour: string, place: (x: number, y: number) => string): string[] {
  if (points.length === 0) return [];
  const few = thinned(points);
  const line = `<path d="M${few.map(({ x, y }) => place(x, y)).join('L')}" fill="none" stroke="${colour}" stroke-width="1.4"/>`;
  const whiskers = few.flatMap(({ x, y, error }) =>
    error === undefined ? [] : [`M${place(x, y - error)}L${place(x, y + error)}`],
  );
  const dots = few.length > 40 ? [] : few.map(({ x, y }) => `M${place(x, y)}h0`);
  return [
    line,
    ...(whiskers.length > 0 ? [`<path d="${whiskers.join('')}" stroke="${colour}" fill="none"/>`] : []),
    ...(dots.length > 0
      ? [`<path d="${dots.join('')}" stroke="${colour}" stroke-width="5" stroke-linecap="round"/>`]
      : []),
  ];
}

const eventLine = (x: number, top: number, height: number): string =>
  `<path d="M${x.toFixed(1)} ${top}v${height}" stroke="${INK}" stroke-dasharray="4 3"/>`;

function legendLine(label: string, colour: string, y: number, dashes?: string): string {
  const x = RIGHT + 12;
  const line = `<path d="M${x} ${y + 7}h18" stroke="${colour}" stroke-width="2"${dashes ? ` stroke-dasharray="${dashes}"` : ''}/>`;
  return `${line}${text(x + 24, y + 11, label)}`;
}

/** The colour of one of `count` members of an order. */
function rampAt(index: number, count: number): string {
  const at = count === 1 ? 0 : (index / (count - 1)) * (RAMP.length - 1);
  const [from, share] = [RAMP[Math.floor(at)]!, at % 1];
  const to = RAMP[Math.ceil(at)]!;
  return `rgb(${from.map((value, i) => Math.round(value + share * (to[i]! - value))).join(',')})`;
}
