import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { plainImage, useTemporaryFolder, writeFiles } from '#support/images.js';
import { scanImages } from './scan.js';

describe('scanImages', () => {
  const folder = useTemporaryFolder();
  let image: Buffer;
  beforeAll(async () => {
    image = await plainImage('red');
  });

  it('sorts classes and files by code unit, nested folders within their class', async () => {
    const paths = ['b/z.png', 'b/Z.png', 'b/é.png', 'b/10.png', 'b/9.png', 'b/a/x.JPG', 'a/1.webp', 'B/1.jpeg'];
    await writeFiles(folder(), Object.fromEntries(paths.map((path) => [path, image])));
    const { classes, files } = await scanImages(folder());
    expect(classes).toEqual(['B', 'a', 'b']);
    expect(files.map(({ path, label }) => `${label} ${path}`)).toEqual([
      '0 B/1.jpeg',
      '1 a/1.webp',
      '2 b/10.png',
      '2 b/9.png',
      '2 b/Z.png',
      '2 b/a/x.JPG',
      '2 b/z.png',
      '2 b/é.png',
    ]);
  });

  it('passes over hidden files and lists those that are no images of a class', async () => {
    const others = { 'a/.DS_Store': 'x', '.git/config': 'x', 'a/notes.txt': 'x', 'readme.md': 'x', 'stray.png': image };
    await writeFiles(folder(), { 'a/1.png': image, ...others });
    const { classes, files, faults, ignored } = await scanImages(folder());
    expect([classes, files.length, faults]).toEqual([['a'], 1, []]);
    expect(ignored).toEqual(['readme.md', 'stray.png', 'a/notes.txt']);
  });

  it('finds each kind of bad file', async () => {
    await writeFiles(folder(), { 'a/good.png': image, 'a/empty.png': '', 'a/text.jpg': 'hello' });
    await symlink('nowhere.png', join(folder(), 'a/dangling.png'));
    await symlink('round.png', join(folder(), 'a/round.png'));
    await symlink('..', join(folder(), 'a/up'));
    await symlink('.', join(folder(), 'self'));
    await symlink('..', join(folder(), 'above'));
    const { classes, files, faults } = await scanImages(folder());
    expect([classes, files.map(({ path }) => path)]).toEqual([['a'], ['a/good.png']]);
    expect(faults.map(({ path, reason }) => `${path} ${reason}`)).toEqual([
      'a/dangling.png is a link to nothing',
      'a/empty.png is empty (0 bytes)',
      'a/round.png is a link in a loop of links',
      'a/text.jpg is not a PNG, JPEG or WebP image, whatever its name says',
      'a/up is a link back to a folder that it lies in',
      'above is a link back to a folder that it lies in',
      'self is a link back to a folder that it lies in',
    ]);
  });

  it('follows links that lead elsewhere', async () => {
    await writeFiles(folder(), { 'set/a/1.png': image, 'elsewhere/2.png': image });
    await symlink('../elsewhere', join(folder(), 'set/b'));
    await symlink('../../elsewhere/2.png', join(folder(), 'set/a/2.png'));
    const { files } = await scanImages(join(folder(), 'set'));
    expect(files.map(({ path }) => path)).toEqual(['a/1.png', 'a/2.png', 'b/2.png']);
  });

  it('refuses a folder that is not there, or is a file', async () => {
    await writeFiles(folder(), { file: 'x' });
    const fix =
      '  fix:   Name a folder that holds one folder of images for each class; relative paths start at the recipe.';
    await expect(scanImages(join(folder(), 'none'))).rejects.toThrow(
      `There is no such image folder. [DATA_MISSING]\n  where: ${join(folder(), 'none')}\n${fix}`,
    );
    await expect(scanImages(join(folder(), 'file'))).rejects.toThrow(
      `The image folder is a file. [DATA_MISSING]\n  where: ${join(folder(), 'file')}\n${fix}`,
    );
  });

  it('refuses a folder without classes', async () => {
    const fix = '  fix:   Make one folder for each class and put its images there; a single class is one folder too.';
    await expect(scanImages(folder())).rejects.toThrow(
      `The image folder has no folders for classes. [DATA_EMPTY]\n  where: ${folder()}\n${fix}`,
    );
    await writeFiles(folder(), { '1.png': image, '2.png': image });
    await expect(scanImages(folder())).rejects.toThrow(
      'The image folder has no folders for classes; it holds 2 images directly. [DATA_EMPTY]',
    );
  });

  it('refuses a class without images, also when it has only bad ones', async () => {
    await writeFiles(folder(), { 'a/1.png': image, 'b/notes.txt': 'x' });
    await expect(scanImages(folder())).rejects.toThrow(
      `The class 'b' has no images. [DATA_EMPTY]\n  where: ${join(folder(), 'b')}\n` +
        '  fix:   Put PNG, JPEG or WebP images there, or remove the folder. It is never dropped in silence: class numbers would shift.',
    );
    await writeFiles(folder(), { 'b/2.png': '', 'b/3.png': '' });
    await expect(scanImages(folder())).rejects.toThrow(
      "The class 'b' has no images (2 cannot be used; b/2.png is empty (0 bytes)). [DATA_EMPTY]",
    );
  });
});
