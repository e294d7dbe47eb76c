import { imageGrid } from './image-grid.js';

const rows = (data: Uint8Array, width: number): number[][] =>
  Array.from({ length: data.length / width }, (_, y) => [...data.subarray(y * width, (y + 1) * width)]);

describe('imageGrid', () => {
  it('lays images out in rows, with gaps, and leaves the rest empty', () => {
    const shape = { channels: 1, height: 1, width: 2 };
    const grid = imageGrid(Uint8Array.of(1, 2, 3, 4, 5, 6), shape, { columns: 2, gap: 1, background: 9 });
    expect([grid.width, grid.height, grid.channels]).toEqual([7, 5, 1]);
    expect(rows(grid.data_HWC, 7)).toEqual([
      [9, 9, 9, 9, 9, 9, 9],
      [9, 1, 2, 9, 3, 4, 9],
      [9, 9, 9, 9, 9, 9, 9],
      [9, 5, 6, 9, 9, 9, 9],
      [9, 9, 9, 9, 9, 9, 9],
    ]);
  });

  it('turns planes into pixels and pixels into squares', () => {
    const shape = { channels: 3, height: 1, width: 2 };
    const grid = imageGrid(Uint8Array.of(1, 2, 10, 20, 100, 200), shape, { columns: 1, gap: 0, scale: 2 });
    const row = [1, 10, 100, 1, 10, 100, 2, 20, 200, 2, 20, 200];
    expect(rows(grid.data_HWC, 12)).toEqual([row, row]);
  });
});
