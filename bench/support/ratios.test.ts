import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importInNode } from '#support/node-import.js';

interface Side {
  readonly ms: number[];
  readonly peakBytes: number;
}
interface Comparison {
  readonly ratio: { readonly median: number; readonly min: number };
  readonly verdict: string;
}
let compare: (measures: string, ours: Side, peer: Side, target: { must?: number; aim?: number }) => Comparison;

beforeAll(async () => {
  ({ compare } = (await importInNode(pathToFileURL(join(__dirname, 'ratios.mjs')).href)) as never);
});

const ours: Side = { ms: [10, 30, 20, 8], peakBytes: 900 * 2 ** 20 };
const peer: Side = { ms: [31, 29, 24], peakBytes: 1000 * 2 ** 20 };

describe('a comparison', () => {
  it('says how many times as fast we are, by medians and by minima', () => {
    expect(compare('step', ours, peer, {}).ratio).toEqual({ median: 29 / 15, min: 3 });
  });

  it('says what part of the memory we take', () => {
    expect(compare('memory', ours, peer, {}).ratio.median).toBe(0.9);
  });

  it.each([
    ['step', { must: 2 }, 'MISSED'],
    ['step', { must: 29 / 15, aim: 2 }, 'met'],
    ['step', { must: 1, aim: 29 / 15 }, 'aim'],
    ['operation', { must: 1 }, 'met'],
    ['memory', { must: 0.9, aim: 0.7 }, 'met'],
    ['memory', { must: 0.8 }, 'MISSED'],
    ['memory', { must: 1, aim: 0.95 }, 'aim'],
    ['step', {}, ''],
  ])('of %s judges %j as %j', (measures, target, verdict) => {
    expect(compare(measures, ours, peer, target).verdict).toBe(verdict);
  });
});
