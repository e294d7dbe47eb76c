import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importInNode } from '#support/node-import.js';

interface Options {
  readonly case?: string[];
  readonly threads?: number;
  readonly peers?: string[];
}
interface Plan {
  readonly plan: { readonly title: string; readonly peers: Record<string, { must?: number }> }[];
  readonly left: { readonly what: string; readonly reason: string }[];
}
let planOf: (options: Options, machine: { cores: number; freeGib: number }) => Plan;
let parseOptions: (args: string[]) => Options & { readonly rounds?: number; readonly backend: string };

beforeAll(async () => {
  ({ planOf, parseOptions } = (await importInNode(pathToFileURL(join(__dirname, 'step-options.mjs')).href)) as never);
});

const LARGE = { cores: 64, freeGib: 512 };

describe('the plan', () => {
  it('is every case with every number of threads, unless told otherwise', () => {
    const titles = planOf({}, LARGE).plan.map(({ title }) => title);
    expect(titles).toEqual(expect.arrayContaining(['sit-s2-b4, 1 thread', 'sit-s2-b4, 2 threads', 'tiny, 1 thread']));
    expect(titles.filter((title) => title.startsWith('toy'))).toEqual([]);
    expect(planOf({ case: ['tiny'], threads: 2 }, LARGE).plan.map(({ title }) => title)).toEqual(['tiny, 2 threads']);
  });

  it('leaves what does not fit, and says why', () => {
    const { plan, left } = planOf({ case: ['sit-s2-b8'] }, { cores: 1, freeGib: 512 });
    expect(plan.map(({ title }) => title)).toEqual(['sit-s2-b8, 1 thread']);
    expect(left).toEqual([{ what: 'sit-s2-b8, 2 threads', reason: 'this machine has 1 core' }]);
    expect(planOf({ case: ['sit-s2-b8'] }, { cores: 2, freeGib: 5 }).left[0]!.reason).toMatch(
      /take 8\.8 GiB, and 5\.0 are/,
    );
  });

  it('takes other peers, which have nothing to reach, but an operation keeps its own', () => {
    const peersOf = (name: string) => planOf({ case: [name], peers: ['eager', 'bf16'] }, LARGE).plan[0]!.peers;
    expect(peersOf('sit-s2-b4')).toEqual({ eager: { must: 1.5, aim: 2.2 }, bf16: {} });
    expect(peersOf('scalar-add')).toEqual({ wasm: { must: 1 } });
  });
});

it('reads its command line', () => {
  const args = ['--case', 'tiny', '--case', 'toy', '--threads', '2', '--rounds', '3', '--peers', 'eager,compile'];
  const read = parseOptions(args);
  expect(read).toMatchObject({ case: ['tiny', 'toy'], threads: 2, rounds: 3, peers: ['eager', 'compile'] });
  expect(read.backend).toBe('torch');
});
