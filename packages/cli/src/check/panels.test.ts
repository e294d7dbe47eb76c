import { featurePanel, heatPanel, imagePanel, patchPixels, sheetOf } from './panels.js';

const grid = { height: 2, width: 3 };
const scale = patchPixels(grid);
/** Colour at the middle of a patch. */
const at = ({ image }: ReturnType<typeof heatPanel>, row: number, column: number): number[] => {
  const pixel = (row * scale + (scale >> 1)) * image.width + column * scale + (scale >> 1);
  return [...image.data_HWC.subarray(pixel * 3, pixel * 3 + 3)];
};

describe('panels', () => {
  it('paints tokens row by row, by their three components', () => {
    const panel = featurePanel('f', [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 0.5, 0.5, 0.5], grid);
    expect([panel.image.width, panel.image.height]).toEqual([3 * scale, 2 * scale]);
    expect([at(panel, 0, 0), at(panel, 0, 1), at(panel, 1, 0)]).toEqual([
      [0, 0, 0],
      [255, 0, 0],
      [0, 0, 255],
    ]);
    expect([at(panel, 1, 1), at(panel, 1, 2)]).toEqual([
      [255, 255, 255],
      [128, 128, 128],
    ]);
  });

  it('paints heat from nothing to the greatest', () => {
    const panel = heatPanel('h', [0, 0.1, 0.2, 0.05, 0.15, 0.2], grid);
    expect(at(panel, 0, 0)).toEqual([0, 0, 4]);
    expect(at(panel, 0, 2)).toEqual([252, 253, 191]);
    const brightness = [0, 0.05, 0.1, 0.15, 0.2].map((_, i) =>
      at(
        panel,
        ...([
          [0, 0],
          [1, 0],
          [0, 1],
          [1, 1],
          [0, 2],
        ][i] as [number, number]),
      ),
    );
    const sums = brightness.map(([r, g, b]) => r! + g! + b!);
    expect(sums).toEqual([...sums].sort((a, b) => a - b));
    expect(at(heatPanel('h', [0, 0, 0, 0, 0, 0], grid), 0, 0)).toEqual([0, 0, 4]);
  });

  it('lays four panels a row under their titles, grey images in colour', () => {
    const grey = { width: 2, height: 2, channels: 1, data_HWC: Uint8Array.of(7, 7, 7, 7) };
    const panel = imagePanel('a', grey, { height: 2, width: 2 });
    expect(new Set(panel.image.data_HWC)).toEqual(new Set([7]));
    const [one, five] = [sheetOf([panel]), sheetOf(Array(5).fill(panel))];
    expect(five.width).toBe(4 * (one.width - 12) + 12);
    expect(five.height).toBe(2 * (one.height - 12) + 12);
    expect(one.channels).toBe(3);
  });
});
