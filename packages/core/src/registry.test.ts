import { layers, loss, pluginOf, samples, student, thrownBy } from '#support/samples.js';
import { Registry } from './registry.js';

const loaded = (...plugins: (typeof samples)[]) => plugins.map((plugin) => ({ plugin, source: plugin.name }));

it('finds extensions by kind and id', () => {
  const registry = Registry.of(loaded(samples));
  expect(registry.find('student', 'student/sample')).toEqual({ extension: student, plugin: samples });
  expect(registry.find('student', 'loss/sample')).toBeUndefined();
  expect(registry.ofKind('alignmentLoss').map(({ extension }) => extension)).toEqual([loss]);
});

it('takes the same plugin twice for once', () => {
  expect(Registry.of(loaded(samples, samples)).plugins).toHaveLength(1);
});

it('refuses two plugins of one name, and two extensions of one kind and id, naming both sides', async () => {
  const again = [
    { plugin: samples, source: 'built in' },
    { plugin: pluginOf([loss]), source: './local.js' },
  ];
  expect(await thrownBy(() => Registry.of(again))).toMatchObject({
    code: 'PLUGIN_DUPLICATE',
    where: 'sample: is loaded twice, version 1.2.3 from built in and version 1.2.3 from ./local.js; keep one',
  });
  expect(await thrownBy(() => Registry.of(loaded(samples, pluginOf([loss], { name: 'other' }))))).toMatchObject({
    code: 'PLUGIN_DUPLICATE',
    where: 'other: defines the alignmentLoss "loss/sample", which sample defines already; leave one of them out',
  });
});

it('shows the faults of all plugins together', async () => {
  const plugins = loaded(
    pluginOf([loss], { name: 'a', version: 'x' }),
    pluginOf([layers], { name: 'b' }),
    pluginOf([layers], { name: 'c' }),
    pluginOf([], { name: 'd', api: '^3.0.0' }),
  );
  const error = await thrownBy(() => Registry.of([...plugins, { unreadable: 'is gone', source: 'e' }]));
  expect(error.code).toBe('PLUGIN_INVALID');
  expect(error.where!.split('\n').map((line) => line.split(':')[0])).toEqual(['e', 'a', 'c', 'd']);
});
