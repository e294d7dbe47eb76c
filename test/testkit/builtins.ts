// Holds built-in plugins against their contracts, a file a group: Jest runs files side by side.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtins } from '@hastejs/haste';
import type { Kind } from '@hastejs/plugin-api';
import { type PluginCases, pluginContract } from '@hastejs/testkit';

/** Declares the contracts of every built-in extension of some kinds. @param casesIn the way each is used, by id. */
export function testBuiltins(kinds: readonly Kind[], casesIn: (root: string) => PluginCases | Promise<PluginCases>): void {
  let root = '';
  let cases: PluginCases = {};
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'haste-contracts-'));
    cases = await casesIn(root);
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const plugins = builtins.flatMap((plugin) => {
    const extensions = plugin.extensions.filter(({ kind }) => kinds.includes(kind));
    return extensions.map(({ id }) => ({ id, plugin }));
  });
  it('has a case for each', () => {
    expect(Object.keys(cases).sort()).toEqual(plugins.map(({ id }) => id).sort());
  });
  it.each(plugins)('$id keeps its contract', async ({ id, plugin }) => {
    const { checks } = pluginContract(plugin, { cases: { [id]: cases[id] ?? {} } });
    const own = checks.filter(({ name }) => name.startsWith(`${id} `) && !/ \(.*\) /.test(name.slice(0, id.length + 2)));
    const failed: string[] = [];
    for (const { name, skipped, run } of own) {
      if (skipped === undefined) await run().catch((error: Error) => failed.push(`${name}: ${error.message}`));
    }
    expect(failed).toEqual([]);
    expect(own.length).toBeGreaterThan(6);
  });
}
