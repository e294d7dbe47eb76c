import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importInNode } from '#support/node-import.js';

interface Comparison {
  readonly passed: readonly unknown[];
  readonly failed: readonly unknown[];
  readonly excluded: readonly unknown[];
  readonly missing: Readonly<Record<string, number>>;
  readonly share: number;
  readonly faults: readonly string[];
}
type Compare = (specs: readonly object[], exclusions: readonly object[], whole?: boolean) => Comparison;

let compare: Compare;
beforeAll(async () => {
  const module = await importInNode(pathToFileURL(join(__dirname, 'compare.mjs')).href);
  compare = module['compare'] as Compare;
});

const spec = (name: string, status: 'passed' | 'failed' | 'pending', message = '') => ({ name, status, message });
const passing = Array.from({ length: 98 }, (_, i) => spec(`add ${i}`, 'passed'));
const withTwo = (...two: ReturnType<typeof spec>[]) => [...passing, ...two];

describe('what the conformance command says of results', () => {
  it('nothing, if what fails is excluded', () => {
    const specs = withTwo(spec('sub', 'failed', 'is 1'), spec('mul', 'failed', 'is 2'));
    const result = compare(specs, [
      { specs: ['sub'], reason: 'r' },
      { pattern: '^mul', reason: 'r' },
    ]);
    expect(result.faults).toEqual([]);
    expect([result.passed.length, result.failed.length, result.excluded.length]).toEqual([98, 0, 2]);
  });

  it('which spec fails that is not excluded, and how', () => {
    const { faults } = compare(withTwo(spec('sub', 'failed', 'is 1')), []);
    expect(faults).toEqual(['failed: sub\n    is 1']);
  });

  it('which exclusion is not true any more', () => {
    const { faults } = compare(withTwo(spec('sub', 'passed')), [{ specs: ['sub'], reason: 'r' }]);
    expect(faults).toEqual(['excluded, but it passes: sub']);
  });

  it('which exclusion excludes nothing, if all of the suite ran', () => {
    const exclusions = [{ pattern: '^div', reason: 'r' }];
    expect(compare(passing, exclusions).faults).toEqual(['excludes nothing: ^div']);
    expect(compare(passing, exclusions, false).faults).toEqual([]);
  });

  it('that too few pass, however many are excluded', () => {
    const specs = withTwo(spec('a', 'failed'), spec('b', 'failed'), spec('c', 'failed'));
    expect(compare(specs, [{ pattern: '^[abc]$', reason: 'r' }]).faults).toEqual(['97.03% passed, less than 98.00%']);
  });

  it('which kernels are missing, and counts their specs apart', () => {
    const missing = spec('fft', 'failed', "Error: Kernel 'FFT' not registered for backend 'torch'");
    const { faults, missing: kernels, share } = compare(withTwo(missing, missing), []);
    expect([faults, kernels, share]).toEqual([[], { FFT: 2 }, 1]);
  });

  it('that nothing ran', () => {
    expect(compare([spec('sub', 'pending')], [], false).faults).toEqual(['no spec ran']);
  });
});
