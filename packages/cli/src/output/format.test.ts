import { formatBytes, formatDuration, formatNumber, formatRate } from './format.js';
import { formatTable } from './table.js';

describe('numbers for people', () => {
  it.each([
    [0, '0s'],
    [-1, '0s'],
    [59.6, '1m 00s'],
    [125, '2m 05s'],
    [3599.6, '1h 00m'],
    [3780, '1h 03m'],
    [90_000, '25h 00m'],
  ])('writes %d seconds as %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

  it.each([
    [0, '0.0000'],
    [0.71239, '0.7124'],
    [-0.5, '-0.5000'],
    [4.12345, '4.123'],
    [56.789, '56.79'],
    [1234.5, '1235'],
    [1e-7, '1.00e-7'],
    [2.5e9, '2.50e+9'],
    [NaN, 'NaN'],
  ])('writes %d as %s', (value, text) => expect(formatNumber(value)).toBe(text));

  it('turns slow rates round', () => {
    expect(formatRate(4)).toBe('4.00 steps/s');
    expect(formatRate(0.4)).toBe('2.50 s/step');
    expect(formatRate(0.4 * 2 ** 20, 'byte')).toBe('409.6 KiB/s');
  });

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [24 * 2 ** 30, '24.0 GiB'],
  ])('writes %d bytes as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe('formatTable', () => {
  it('aligns all columns but the last', () => {
    const rows = [
      ['a', 'longer', 'x'],
      ['abc', 'b', ''],
    ];
    expect(formatTable(rows, '')).toEqual(['a    longer  x', 'abc  b']);
  });
});
