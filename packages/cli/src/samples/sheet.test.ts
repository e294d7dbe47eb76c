import { contactSheet, imageAt } from './sheet.js';
import { blank, drawText, paste } from './raster.js';

/** Grey 2×1 images; the first pixel tells which one it is. */
function samples(labels: number[], classes = ['Bag', 'A']) {
  const images_BCHW = Uint8Array.from(labels.flatMap((_, index) => [index + 1, 100]));
  const shape = { channels: 1, height: 1, width: 2 };
  return { images_BCHW, labels_B: Int32Array.from(labels), shape, classes };
}

/** Colours of a pixel row, run by run: [value, length]. */
function runs({ width, data_HWC }: ReturnType<typeof contactSheet>, y: number): [number, number][] {
  const found: [number, number][] = [];
  for (const value of data_HWC.subarray(y * width, (y + 1) * width)) {
    if (found.at(-1)?.[0] === value) found.at(-1)![1] += 1;
    else found.push([value, 1]);
  }
  return found;
}

const LABEL = 34 + 16; // "BAG" at two pixels a dot, and margins

describe('contactSheet', () => {
  it('has a row a class, enlarged by a whole factor', () => {
    const sheet = contactSheet(samples([0, 0, 1]));
    expect([sheet.width, sheet.height]).toEqual([LABEL + 2 * 60 + 4, 2 * 32 + 4]);
    // Below the letters, in the first and in the second row.
    expect(runs(sheet, 31)).toEqual([
      [255, LABEL + 4],
      [1, 28],
      [100, 28],
      [255, 4],
      [2, 28],
      [100, 28],
      [255, 4],
    ]);
    expect(runs(sheet, 63)).toEqual([
      [255, LABEL + 4],
      [3, 28],
      [100, 28],
      [255, 64],
    ]);
  });

  it('writes the class names in black at the left', () => {
    const sheet = contactSheet(samples([0, 1]));
    const inkAt = (from: number, to: number) =>
      [...Array(to - from).keys()].some((y) =>
        sheet.data_HWC.subarray((from + y) * sheet.width, (from + y) * sheet.width + LABEL).includes(0),
      );
    expect([inkAt(4, 32), inkAt(32, 36), inkAt(36, 64)]).toEqual([true, false, true]);
  });

  it('begins a new row for every class when there are many images', () => {
    const labels = [...Array<number>(18).fill(0), 1];
    const sheet = contactSheet(samples(labels));
    expect(sheet.height).toBe(3 * 32 + 4);
    expect(runs(sheet, 31 + 32)[1]).toEqual([17, 28]);
    expect(runs(sheet, 31 + 64)[1]).toEqual([19, 28]);
  });

  it('names classes without a name by number', () => {
    expect(contactSheet(samples([7])).width).toBeGreaterThan(contactSheet(samples([1])).width);
  });
});

describe('imageAt', () => {
  it('interleaves the channels of one image', () => {
    const images_BCHW = Uint8Array.from([0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6]);
    const colour = {
      images_BCHW,
      labels_B: Int32Array.of(0, 0),
      shape: { channels: 3, height: 1, width: 2 },
      classes: [],
    };
    expect([...imageAt(colour, 1).data_HWC]).toEqual([1, 3, 5, 2, 4, 6]);
  });
});

describe('raster', () => {
  it('clips text at the edges', () => {
    const page = blank(4, 4, 1, 255);
    drawText(page, 'EE', -1, 2, 1, 0);
    expect([...page.data_HWC]).toEqual([...Array<number>(8).fill(255), 0, 0, 0, 0, 255, 255, 255, 255]);
  });

  it('pastes at a place', () => {
    const page = blank(3, 2, 1, 9);
    paste(page, blank(2, 1, 1, 1), 1, 1);
    expect([...page.data_HWC]).toEqual([9, 9, 9, 9, 1, 1]);
  });
});
