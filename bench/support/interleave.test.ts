import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importInNode } from '#support/node-import.js';

interface Arm {
  readonly name: string;
  run(steps: number): Promise<{ ms: number[]; peakBytes: number }>;
}
type Results = Map<string, { ms: number[]; peakBytes: number }>;
let interleave: (arms: Arm[], turns: { rounds: number; turn: number }) => Promise<Results>;

beforeAll(async () => {
  ({ interleave } = (await importInNode(pathToFileURL(join(__dirname, 'interleave.mjs')).href)) as never);
});

it('gives every side its turns, each as often first, and keeps all times and the last peak', async () => {
  const log: string[] = [];
  const arm = (name: string): Arm => {
    let taken = 0;
    return {
      name,
      run: async (steps) => {
        log.push(name);
        taken += steps;
        return { ms: Array.from({ length: steps }, () => taken), peakBytes: 100 * taken };
      },
    };
  };
  const results = await interleave([arm('a'), arm('b'), arm('c')], { rounds: 3, turn: 2 });
  expect(log.join('')).toBe('abcbcacab');
  expect([...results]).toEqual(['a', 'b', 'c'].map((name) => [name, { ms: [2, 2, 4, 4, 6, 6], peakBytes: 600 }]));
});
