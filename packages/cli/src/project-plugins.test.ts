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

  it('takes the dependencies that carry a haste field, and no other package', async () => {
    await write('package.json', {
      dependencies: { '@me/teacher': '1', zod: '4', absent: '1' },
      devDependencies: { loss: '1' },
    });
    await write('node_modules/@me/teacher/package.json', { haste: {} });
    await write('node_modules/loss/package.json', { haste: { plugin: true } });
    await write('node_modules/zod/package.json', {});
    await write('node_modules/stranger/package.json', { haste: {} });
    expect(await projectPlugins(root)).toEqual(['@me/teacher', 'loss']);
  });

  it('looks upwards for the project and for what is installed', async () => {
    await write('node_modules/loss/package.json', { haste: {} });
    await write('work/package.json', { dependencies: { loss: '1' } });
    await write('work/deep/er/recipe.yaml', '');
    expect(await projectPlugins(join(root, 'work/deep/er'))).toEqual(['loss']);
  });

  it('finds none where there is no project', async () => {
    expect(await projectPlugins(join(root, 'nowhere'))).toEqual([]);
  });

  it('names a package.json that is not JSON', async () => {
    await write('package.json', '{ "dependencies": ');
    await expect(projectPlugins(root)).rejects.toMatchObject({
      code: 'PLUGIN_UNREADABLE',
      where: join(root, 'package.json'),
    });
  });
});
