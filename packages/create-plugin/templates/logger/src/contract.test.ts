import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { describeContract, pluginContract } from '@hastejs/testkit';

/** Steps with their values, as they stand in a file of a run folder. */
const readBack = (file: string) => async (folder: string) => {
  const steps = new Map<number, Record<string, number>>();
  const lines = (await readFile(join(folder, file), 'utf8')).trim().split('\n').slice(1);
  for (const line of lines) {
    const [step, name, value] = line.split(',') as [string, string, string];
    steps.set(Number(step), { ...steps.get(Number(step)), [name]: Number(value) });
  }
  return [...steps].map(([step, values]) => ({ step, values }));
};

// Imported here and not above, since the contract also says that importing a plugin does nothing.
const contract = await pluginContract(() => import('./index.js'), {
  cases: {
    'logger/template-id': [
      { read: readBack('metrics.csv') },
      { name: 'another file', options: { file: 'log.csv' }, read: readBack('log.csv') },
    ],
  },
});
describeContract(contract, { describe, it });
