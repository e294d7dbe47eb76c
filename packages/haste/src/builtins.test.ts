import { createHost } from '@hastejs/core';
import { KINDS } from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import { isDeepStrictEqual } from 'node:util';
import * as haste from './index.js';

const { builtins } = haste;

describe('the built-in plugins', () => {
  it('are accepted by a host, all together', async () => {
    const { registry } = await createHost({ plugins: builtins });
    expect(registry.plugins).toHaveLength(builtins.length);
    expect(registry.extensions.map(({ extension }) => extension.id)).toEqual(
      expect.arrayContaining([
        ...['student/sit', 'data/fashion-mnist', 'data/image-folder', 'loss/feature', 'loss/attention'],
        ...['layers/pairs', 'trigger/fixed', 'trigger/plateau', 'metric/gradient-angle', 'optimizer/adamw'],
        ...['logger/jsonl', 'sampler/euler', 'sampler/heun', 'sampler/euler-maruyama', 'backend/cpu', 'backend/wasm'],
      ]),
    );
  });

  it('serve every kind of extension point', () => {
    const kinds = new Set(builtins.flatMap(({ extensions }) => extensions.map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual([...KINDS].sort());
  });

  it('are all exported for recipes by name', () => {
    const exported = Object.values(haste) as unknown[];
    const missing = builtins
      .flatMap(({ extensions }) => extensions)
      .filter((extension) => !exported.some((value) => isDeepStrictEqual(value, extension)));
    expect(missing.map(({ id }) => id)).toEqual([]);
  });

  it('change nothing when imported: no backend is registered', () => {
    expect(tf.engine().registryFactory).toEqual({});
  });
});
