import { pluginOf, samples, thrownBy } from '#support/samples.js';
import { createHost } from './host.js';
import { resolveFile } from './resolve-file.js';

const shipping = (name: string, assets: Record<string, string>) => pluginOf([], { name, assets });

describe('files that a recipe names', () => {
  it('start at the recipe, unless a plugin ships them', async () => {
    const { registry } = await createHost({ plugins: [samples, shipping('p', { small: '/p/small.bin' })] });
    expect(resolveFile(registry, '/recipes', 'a/b.bin')).toBe('/recipes/a/b.bin');
    expect(resolveFile(registry, '/recipes', '/a.bin')).toBe('/a.bin');
    expect(resolveFile(registry, '/recipes', 'haste:small')).toBe('/p/small.bin');
  });

  it('are named when no plugin ships them', async () => {
    const { registry } = await createHost({ plugins: [shipping('p', { small: '/p/small.bin' })] });
    const error = await thrownBy(() => resolveFile(registry, '/', 'haste:smal'));
    expect(error).toMatchObject({ code: 'WEIGHTS_UNREADABLE', where: 'haste:smal' });
    expect(error.message).toMatch(/Did you mean "small"\?[^]*There is haste:small\./);
    const bare = await createHost({ plugins: [samples] });
    expect((await thrownBy(() => resolveFile(bare.registry, '/', 'haste:constructor'))).fix).toContain(
      'No plugin ships any',
    );
  });

  it('must not be shipped twice under one name, nor by a path that depends on the working directory', async () => {
    const twice = [shipping('p', { small: '/p' }), shipping('q', { small: '/q' })];
    expect(await thrownBy(() => createHost({ plugins: twice }))).toMatchObject({
      code: 'PLUGIN_DUPLICATE',
      where: 'q: ships a file called "small", which p defines already; leave one of them out',
    });
    const relative = [shipping('p', { small: './p' })];
    expect(await thrownBy(() => createHost({ plugins: relative }))).toMatchObject({ code: 'PLUGIN_INVALID' });
  });
});
