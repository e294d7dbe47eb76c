import { join } from 'node:path';
import { type FakePackage, installFake } from '#support/fake-tfjs-node.js';
import { temporaryFiles } from '#support/temporary-files.js';
import { type PackageChoice, advice, locate } from './locate.js';

const files = temporaryFiles();
const find = (choice: PackageChoice = 'auto') => locate({ package: choice, folders: [files.root()] });

describe('finding the official packages', () => {
  it('prefers the one for GPUs, and takes the one that was asked for', async () => {
    const gpu = await installFake(files.root(), { name: 'tfjs-node-gpu' });
    const cpu = await installFake(files.root(), { name: 'tfjs-node' });
    expect(find().candidates.map(({ folder }) => folder)).toEqual([gpu, cpu]);
    expect(find('tfjs-node')).toEqual({ candidates: [{ name: 'tfjs-node', folder: cpu }], faults: [] });
  });

  it('looks above a folder, as Node does, and into every folder in turn', async () => {
    const folder = await installFake(join(files.root(), 'setup'), { name: 'tfjs-node' });
    await files.write({ 'setup/deep/er.txt': '' });
    const folders = [join(files.root(), 'nowhere'), join(files.root(), 'setup/deep'), join(files.root(), 'setup')];
    expect(locate({ package: 'tfjs-node', folders }).candidates).toEqual([{ name: 'tfjs-node', folder }]);
  });

  it('says how to get one when there is none', () => {
    expect(find().candidates).toEqual([]);
    expect(advice(find())).toEqual({
      reason: '@tensorflow/tfjs-node is not installed',
      fix: expect.stringMatching(/setup.tensorflow .*npm install @tensorflow\/tfjs-node@4\.22\.0/),
    });
    expect(advice(find('tfjs-node-gpu')).fix).toBe('npm install @tensorflow/tfjs-node-gpu@4.22.0');
  });

  it.each<[string, Partial<FakePackage>, RegExp, RegExp]>([
    [
      'of another version',
      { version: '4.21.0' },
      /is version 4\.21\.0, and Haste needs 4\.22\.0/,
      /tfjs-node@4\.22\.0/,
    ],
    ['without its native part', { binding: false }, /lacks its native part/, /setup.tensorflow .*npm rebuild/],
    ['without its dependencies', { core: 'none' }, /lacks its dependencies/, /npm install/],
    ['with another tfjs-core', { core: 'foreign' }, /another copy of tfjs-core/, /npm dedupe/],
  ])('does not take one %s', async (_, fake, reason, fix) => {
    const folder = await installFake(files.root(), { name: 'tfjs-node', ...fake });
    expect(find().candidates).toEqual([]);
    expect(advice(find()).reason).toMatch(reason);
    expect(advice(find()).reason).toContain(folder);
    expect(advice(find()).fix).toMatch(fix);
  });
});
