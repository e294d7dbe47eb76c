// S side of a filter, O orientations.

/** Side of every filter: the wave below has faded to 4% at the edge. */
export const SIDE = 7;
/** Pixels of one wave: the finest that a sampled image shows well. */
const WAVELENGTH = 4;
const SPREAD = 1.2;

/**
 * Filters for edges and lines of evenly spaced orientations: a wave under a bell, once as cosine (lines) and once as sine
 * (edges). Both together have an energy that does not depend on where in the wave the edge lies.
 * @returns flat [S, S, 1, 2·O], the cosines first; every filter sums to 0, so that even grey gives nothing, and has length 1.
 */
export function orientedFilters(orientations: number): Float32Array {
  const filters = Array.from({ length: 2 * orientations }, (_, index) => {
    const angle = (Math.PI * (index % orientations)) / orientations;
    return unit(wave(angle, index < orientations ? Math.cos : Math.sin));
  });
  // Interleaved: the filter is the last axis.
  return Float32Array.from({ length: SIDE * SIDE * filters.length }, (_, at) => {
    return filters[at % filters.length]![Math.floor(at / filters.length)]!;
  });
}

/** cos or sin along one direction, under a Gaussian, row by row. */
function wave(angle: number, shape: (phase: number) => number): number[] {
  const middle = (SIDE - 1) / 2;
  return Array.from({ length: SIDE * SIDE }, (_, at) => {
    const [x, y] = [(at % SIDE) - middle, Math.floor(at / SIDE) - middle];
    const along = x * Math.cos(angle) + y * Math.sin(angle);
    return shape((2 * Math.PI * along) / WAVELENGTH) * Math.exp(-(x * x + y * y) / (2 * SPREAD ** 2));
  });
}

function unit(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const centred = values.map((value) => value - mean);
  const length = Math.hypot(...centred);
  return centred.map((value) => value / length);
}
