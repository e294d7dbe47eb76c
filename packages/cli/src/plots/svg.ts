import { type Point, rangeOf, thinned } from './curve.js';

export interface Panel {
  readonly title: string;
  readonly points: readonly Point[];
}

/** A step at which something happened, drawn through every panel. */
export interface Mark {
  readonly x: number | null;
  readonly label: string;
}

const [WIDTH, HEIGHT, LEFT, TOP, RIGHT] = [880, 150, 74, 26, 16];
const LINE = 18;
export const INK = '#222';
/** Colours that stay apart for most eyes (Okabe and Ito). */
export const COLOURS = ['#d55e00', '#0072b2', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
const colourOf = (index: number): string => COLOURS[index % COLOURS.length]!;

/** Panels one below the other over the same steps, and marks with a legend. A whole file, without scripts or fonts. */
export function svgOf(panels: readonly Panel[], marks: readonly Mark[], last: number): string {
  const legend = marks.length * LINE + 8;
  const height = legend + panels.length * (HEIGHT + TOP) + 30;
  const across = (x: number) => LEFT + ((WIDTH - LEFT - RIGHT) * x) / Math.max(1, last);
  const parts = [
    ...marks.map((mark, index) => legendLine(mark, index)),
    ...panels.map((panel, index) => panelOf(panel, marks, legend + index * (HEIGHT + TOP) + TOP, across)),
    text(LEFT, height - 10, '0'),
    text(WIDTH - RIGHT, height - 10, `${last} steps`, 'end'),
  ];
  return svgFile(WIDTH, height, parts);
}

/** A whole file from its parts, on white. */
export function svgFile(width: number, height: number, parts: readonly string[]): string {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const style = `font-family="sans-serif" font-size="12" fill="${INK}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${style}>\n<rect width="100%" height="100%" fill="white"/>\n${parts.join('\n')}\n</svg>\n`;
}

function legendLine({ label, x }: Mark, index: number): string {
  const y = 16 + index * LINE;
  const line = `<path d="M10 ${y - 4}h20" stroke="${colourOf(index)}" stroke-width="2"${x === null ? ' stroke-dasharray="2 4"' : ''}/>`;
  return `${line}${text(36, y, label)}`;
}

function panelOf({ title, points }: Panel, marks: readonly Mark[], top: number, across: (x: number) => number): string {
  const [low, high] = points.length > 0 ? rangeOf(points) : [0, 1];
  const down = (y: number) => top + (HEIGHT * (high - y)) / (high - low);
  const at = ({ x, y }: Point) => `${across(x).toFixed(1)} ${down(y).toFixed(1)}`;
  const whiskers = points.flatMap(({ x, y, error }) =>
    error === undefined ? [] : [`M${at({ x, y: y - error })}L${at({ x, y: y + error })}`],
  );
  const lines = marks.flatMap(({ x }, index) =>
    x === null
      ? []
      : [
          `<path d="M${across(x).toFixed(1)} ${top}v${HEIGHT}" stroke="${colourOf(index)}" stroke-width="2" fill="none"/>`,
        ],
  );
  return [
    text(LEFT, top - 6, points.length > 0 ? title : `${title} (not measured)`),
    `<rect x="${LEFT}" y="${top}" width="${WIDTH - LEFT - RIGHT}" height="${HEIGHT}" fill="none" stroke="#bbb"/>`,
    text(LEFT - 6, top + 12, short(high), 'end'),
    text(LEFT - 6, top + HEIGHT, short(low), 'end'),
    ...(points.length > 0 ? [curve(thinned(points).map(at))] : []),
    ...(whiskers.length > 0 ? [`<path d="${whiskers.join('')}" stroke="${INK}" fill="none"/>`] : []),
    ...lines,
  ].join('\n');
}

const curve = (places: readonly string[]): string =>
  `<path d="M${places.join('L')}" fill="none" stroke="${INK}" stroke-width="1.2"/>`;

const short = (value: number): string => String(Number(value.toPrecision(3)));

/** @param anchor which end of the text is at the place: start, middle or end. */
export function text(x: number, y: number, content: string, anchor = 'start'): string {
  const safe = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${safe}</text>`;
}
