import { type BackendName, whereItRuns } from '#support/backends.js';
import { builtins } from '@hastejs/haste';
import { pluginContract } from '@hastejs/testkit';

const BACKENDS: Readonly<Record<BackendName, object>> = {
  cpu: {},
  wasm: { threads: 1 },
  tensorflow: {},
  torch: { threads: 1, matmul: 'highest' },
};

const known = builtins.flatMap(({ extensions }) =>
  extensions.filter(({ kind }) => kind === 'backend').map(({ id }) => id),
);

it('holds every built-in backend', () => {
  expect(Object.keys(BACKENDS).map((name) => `backend/${name}`).sort()).toEqual(known.sort()); // prettier-ignore
});

describe.each(Object.entries(BACKENDS) as [BackendName, object][])('backend/%s keeps its contract', (name, options) => {
  whereItRuns(name, () => {
    const id = `backend/${name}`;
    const plugin = builtins.find(({ extensions }) => extensions.some((extension) => extension.id === id))!;
    const { checks } = pluginContract(plugin, { cases: { [id]: { options } } });
    for (const { name: check, skipped, run } of checks) if (skipped === undefined) it(check, run);
  });
});
