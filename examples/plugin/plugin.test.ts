import { createHost } from '@hastejs/core';
import { adamw, builtins } from '@hastejs/haste';
import layers, { pairs } from '@hastejs/layers';
import { describeContract, pluginContract, startTestRun } from '@hastejs/testkit';
import { temporaryFolder, toyTrain } from '#support/toy-run.js';
import plugin, { fallen, linearRegression, patchStatistics } from './index.js';
import recipe from './recipe.js';

const contract = pluginContract(plugin, {
  cases: {
    'teacher/patch-statistics': [
      { refuses: [{ options: { contrast: 0 }, says: /contrast: expected a number above 0/ }] },
      { name: 'as they are', options: { contrast: 1 }, refuses: [{ options: { contrast: -1 } }] },
    ],
    'loss/linear-regression': { refuses: [{ options: { std: '0.1' }, says: /std: expected number, got string/ }] },
    'trigger/fallen': {
      options: { metric: 'align/feature', share: 0.5 },
      story: (step) => ({ 'align/feature': 1 / (1 + step) }),
      stopsAt: 1,
      refuses: [{ options: { metric: 'align/feature', share: 1 }, says: /share: expected a number below 1/ }],
    },
  },
});
describeContract(contract);

it('lets go of the teacher when the loss has fallen', async () => {
  const until = fallen({ metric: 'align/statistics', share: 0.999 });
  const terms = { statistics: { loss: linearRegression(), layers: pairs({ pairs: [[1, 'final']] }), weight: 1 } };
  const run = await startTestRun({
    plugins: [plugin, layers],
    recipe: { alignment: { teacher: patchStatistics(), terms, until } },
    steps: 8,
  });
  const ends = run.events.filter(({ name }) => name === 'phase:changed');
  expect(ends).toHaveLength(1);
  await run.close();
});

const folder = temporaryFolder();

it('trains by the recipe beside it', async () => {
  const host = await createHost({ plugins: [...builtins, plugin] });
  const optimizer = adamw({ lr: 0.01 });
  const { losses, report } = await toyTrain(
    host,
    { ...recipe, optimizer, steps: 30, batchSize: 4, backend: 'backend/wasm' },
    { folder: folder.path('run') },
  );
  expect(report.status).toBe('finished');
  // Batches of 4 differ more than a step gains: tens of them are compared.
  const meanLoss = (from: number) => {
    const values = Array.from({ length: 10 }, (_, i) => losses.get(from + i)!['align/statistics']!);
    return values.reduce((sum, value) => sum + value) / values.length;
  };
  expect(meanLoss(21)).toBeLessThan(0.8 * meanLoss(1));
  await host.close();
});
