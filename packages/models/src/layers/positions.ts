import { type TokenGrid, gridTokens } from '@hastejs/plugin-api';

const MAX_PERIOD = 10_000;

/**
 * Fixed 2-D sin-cos positions in MAE's layout (METHOD section 2): the first half of the channels encodes the column, the
 * second the row; each half is all sines, then all cosines.
 * @param width D, divisible by 4.
 * @returns flat [T, D], row-major over the grid; computed in float64.
 */
export function sinCosPositions(width: number, grid: TokenGrid): Float32Array {
  const quarter = width / 4;
  const omega = Float64Array.from({ length: quarter }, (_, k) => MAX_PERIOD ** (-k / quarter));
  const table = new Float32Array(gridTokens(grid) * width);
  for (let token = 0; token < gridTokens(grid); token++) {
    const column = token % grid.width;
    const row = Math.floor(token / grid.width);
    for (let k = 0; k < quarter; k++) {
      const at = token * width + k;
      table[at] = Math.sin(column * omega[k]!);
      table[at + quarter] = Math.cos(column * omega[k]!);
      table[at + 2 * quarter] = Math.sin(row * omega[k]!);
      table[at + 3 * quarter] = Math.cos(row * omega[k]!);
    }
  }
  return table;
}
