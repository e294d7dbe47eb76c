import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importInNode } from '#support/node-import.js';

type Losses = Record<string, number>[];
let checkAgreement: (peer: string, ours: Losses, theirs: Losses) => number;

beforeAll(async () => {
  ({ checkAgreement } = (await importInNode(pathToFileURL(join(__dirname, 'agreement.mjs')).href)) as never);
});

const ours: Losses = [
  { total: 2, grad_norm: 10 },
  { total: 1, grad_norm: 5 },
];
const withLast = (change: object): Losses => [ours[0]!, { ...ours[1]!, ...change }];

describe('agreement', () => {
  it('is the largest relative difference of any loss of any step', () => {
    expect(checkAgreement('eager', ours, ours)).toBe(0);
    expect(checkAgreement('eager', ours, withLast({ grad_norm: 5.0002 }))).toBeCloseTo(4e-5, 8);
  });

  it('ends where float32 does, and where bfloat16 does for a peer that computes in it', () => {
    const other = withLast({ total: 1.001 });
    expect(() => checkAgreement('eager', ours, other)).toThrow('after 1 updates total is 1 here and 1.001 there');
    expect(checkAgreement('bf16', ours, other)).toBeCloseTo(1e-3, 5);
    expect(() => checkAgreement('bf16', ours, withLast({ total: 1.01 }))).toThrow('0.005 is allowed');
  });

  it('takes cosines near 0 as parts of 1', () => {
    const near = (cosine: number): Losses => [{ cosine }];
    expect(checkAgreement('eager', near(1e-4), near(1.05e-4))).toBeCloseTo(5e-5, 8);
    expect(() => checkAgreement('eager', near(1e-4), near(1.2e-4))).toThrow('cosine');
  });

  it('is not reached by what is absent or not a number, here or there', () => {
    expect(() => checkAgreement('eager', ours, [ours[0]!])).toThrow('total is 1 here and NaN there');
    expect(() => checkAgreement('eager', ours, withLast({ total: NaN }))).toThrow('NaN');
    expect(() => checkAgreement('eager', withLast({ total: NaN }), ours)).toThrow('NaN');
  });
});
