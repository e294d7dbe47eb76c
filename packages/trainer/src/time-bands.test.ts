import { dealToBands } from './time-bands.js';

const BANDS = [
  { until: 0.25, factor: 0 },
  { until: 0.5, factor: 2 },
  { until: 1, factor: 1 },
];

it('deals samples to the bands they lie in; borders belong to the lower one, and what counts nothing is left out', () => {
  expect(dealToBands(BANDS, [0.25, 0.5, 0.3, 0.6, 1])).toEqual([
    { weight: (2 * 2) / 5, indices: Int32Array.of(1, 2) },
    { weight: 2 / 5, indices: Int32Array.of(3, 4) },
  ]);
  expect(dealToBands(BANDS, [0, 0.1])).toEqual([]);
});

it('needs no picking where all samples lie in one band', () => {
  expect(dealToBands(BANDS, [0.3, 0.4])).toEqual([{ weight: 2, indices: null }]);
});
