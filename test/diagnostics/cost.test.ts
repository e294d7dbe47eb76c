// What measuring costs, counted in kernels: nothing, where nobody takes the values.
import type { Host, RecipeInput } from '@hastejs/core';
import {
  alignmentByLayer,
  attentionDistance,
  atMost,
  cknnaByLayer,
  effectiveRankByLayer,
  gradientAngle,
  jsonl,
  linearProbeByLayer,
  score,
} from '@hastejs/haste';
import { tf } from '@hastejs/tensor';
import { countKernels } from '#support/count-kernels.js';
import { teacherLog } from '#support/toy.js';
import { temporaryFolder, toyAlignment, toyHost, toyRecipe, toyTrain } from '#support/toy-run.js';

const folder = temporaryFolder();
let host: Host;
let runs = 0;
beforeAll(async () => {
  host = await toyHost();
  // The backend's kernels exist once it has been chosen.
  await toyTrain(host, toyRecipe({ steps: 1 }), { folder: folder.path('warm') });
});
afterAll(() => host.close());
afterEach(() => expect(tf.memory().numTensors).toBe(0));

const every = 2;
const images = 12;
const METRICS = [
  gradientAngle({ every, images }),
  alignmentByLayer({ every, images }),
  cknnaByLayer({ every, images }),
  linearProbeByLayer({ every, images }),
  attentionDistance({ every, images }),
  effectiveRankByLayer({ every, images }),
];

/** Kernels and teacher passes of a run of six steps, the last two without a teacher. */
async function costOf(change: Partial<RecipeInput>): Promise<{ kernels: number; encoded: number }> {
  const recipe = toyRecipe({ steps: 6, alignment: toyAlignment(atMost(4, UNTIL)), ...change });
  const before = teacherLog.encoded;
  const kernels = await countKernels('wasm', () => toyTrain(host, recipe, { folder: folder.path(`run-${runs++}`) }));
  return { kernels, encoded: teacherLog.encoded - before };
}

/** Watches a loss, which costs nothing. */
const UNTIL = score({ metric: 'align/feature', patience: 100 });

describe('metrics that nobody takes', () => {
  it('cost no kernel and no teacher pass without a logger', async () => {
    const plain = await costOf({ loggers: [] });
    expect(plain.kernels).toBeGreaterThan(100);
    expect(plain.encoded).toBe(4);
    expect(await costOf({ loggers: [], metrics: METRICS })).toEqual(plain);
  });

  it.each(METRICS.map((metric) => [metric.id, metric] as const))(
    'cost nothing before they are due: %s',
    async (_id, metric) => {
      const plain = await costOf({ loggers: [jsonl()] });
      const never = { ...metric, with: { ...metric.with, every: 100 } };
      expect(await costOf({ loggers: [jsonl()], metrics: [never] })).toEqual(plain);
      const due = await costOf({ loggers: [jsonl()], metrics: [metric] });
      expect(due.kernels).toBeGreaterThan(plain.kernels);
    },
  );

  it('are measured for the trigger that watches them, until it has fired, and no other is', async () => {
    const watching = toyAlignment(atMost(4, score({ metric: 'metric/attention_distance/block1', patience: 100 })));
    const plain = await costOf({ loggers: [] });
    const watched = await costOf({ loggers: [], metrics: METRICS, alignment: watching });
    const alone = await costOf({ loggers: [], metrics: [METRICS[4]!], alignment: watching });
    expect(watched).toEqual(alone);
    expect(watched.kernels).toBeGreaterThan(plain.kernels);
    // Due after steps 2 and 4 and not after step 6, when nobody asks any more.
    const logged = await costOf({ loggers: [jsonl()], metrics: [METRICS[4]!] });
    expect((watched.kernels - plain.kernels) / 2).toBeCloseTo((logged.kernels - plain.kernels) / 3, 5);
    expect(watched.encoded).toBe(plain.encoded);
  });
});
