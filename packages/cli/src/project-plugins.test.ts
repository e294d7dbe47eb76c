import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectPlugins } from './project-plugins.js';

describe('projectPlugins', () => {
  let root: string;
  beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'haste-project-'))));
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function write(path: string, content: object | string): Promise<void> {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }

  const specifiers = async (folder: string) =>
    (await projectPlugins(folder)).packages.map(({ specifier }) => specifier);

  it('takes the dependencies that carry a haste field, and no other package', async () => {
    await write('package.json', {
      dependencies: { '@me/teacher': '1', zod: '4', absent: '1' },
      devDependencies: { loss: '1', part: '1' },
    });
    await write('node_modules/@me/teacher/package.json', { version: '1.2.3', haste: {} });
    await write('node_modules/loss/package.json', { haste: { plugin: '.' } });
    await write('node_modules/part/package.json', { haste: { plugin: './haste' } });
    await write('node_modules/zod/package.json', {});
    await write('node_modules/stranger/package.json', { haste: {} });
    const found = await projectPlugins(root);
    expect(found.packages).toEqual([
      { name: '@me/teacher', version: '1.2.3', specifier: '@me/teacher' },
      { name: 'loss', version: null, specifier: 'loss' },
      { name: 'part', version: null, specifier: 'part/haste' },
    ]);
  });

  it.each([
    [{}, false],
    [{ haste: { plugin: '.' } }, false],
    [{ haste: { plugins: 'dependencies' } }, true],
  ])('opts in by the project itself: %j is %s', async (fields, optedIn) => {
    await write('package.json', fields);
    expect(await projectPlugins(root)).toMatchObject({ optedIn, packageJson: join(root, 'package.json') });
  });

  it('refuses to guess what a project means', async () => {
    await write('package.json', { haste: { plugins: 'all' } });
    await expect(projectPlugins(root)).rejects.toMatchObject({
      code: 'PLUGIN_UNREADABLE',
      what: '"haste": { "plugins": "all" } means nothing.',
    });
  });

  it('looks upwards for the project and for what is installed', async () => {
    await write('node_modules/loss/package.json', { haste: {} });
    await write('work/package.json', { dependencies: { loss: '1' } });
    await write('work/deep/er/recipe.yaml', '');
    expect(await specifiers(join(root, 'work/deep/er'))).toEqual(['loss']);
  });

  it('finds none where there is no project', async () => {
    expect(await projectPlugins(join(root, 'nowhere'))).toEqual({ packageJson: null, optedIn: false, packages: [] });
  });

  it('names a package.json that is not JSON', async () => {
    await write('package.json', '{ "dependencies": ');
    await expect(projectPlugins(root)).rejects.toMatchObject({
      code: 'PLUGIN_UNREADABLE',
      where: join(root, 'package.json'),
    });
  });
});
