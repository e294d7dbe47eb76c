import { activateBackend, whereItRuns } from '#support/backends.js';
import { tf } from '@hastejs/tensor';
import { started } from '../start.js';
import { BORROWED_KERNELS } from './borrowed-list.js';

describe('borrowed kernels (torch)', () => {
  whereItRuns('torch', () => {
    beforeAll(() => activateBackend('torch'));

    it('close the gap: whatever the cpu backend can do is registered, and nothing twice', async () => {
      await activateBackend('cpu');
      await activateBackend('torch');
      const names = (backend: string): string[] => tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName);
      const own = new Set(names('torch'));
      expect(names('cpu').filter((name) => !own.has(name))).toEqual([]);
      expect(new Set(BORROWED_KERNELS).size).toBe(BORROWED_KERNELS.length);
    });

    it('copy in, run, copy out, and leave nothing on either backend', () => {
      const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
      tf.tidy(() => void tf.unique(tf.tensor1d([1])));
      const count = (): number[] => [tf.findBackend('cpu').numDataIds(), started()!.addon.alive()];
      const before = count();
      tf.tidy(() => {
        const { values, indices } = tf.unique(tf.tensor1d([7, 5, 7], 'int32'));
        expect(values.dtype).toBe('int32');
        expect([...values.dataSync()]).toEqual([7, 5]);
        expect([...indices.dataSync()]).toEqual([0, 1, 0]);
      });
      expect(() => tf.tidy(() => void tf.bincount(tf.tensor1d([-1], 'int32'), tf.tensor1d([]), 2))).toThrow();
      expect(count()).toEqual(before);
      expect(warn).not.toHaveBeenCalled();
      warn.mockRestore();
    });

    it('serve strings, also where numbers have a kernel of their own', () => {
      tf.tidy(() => {
        const words = tf.tensor2d(['a', 'b', 'c', 'd'], [2, 2]);
        expect(tf.reshape(tf.slice(words, [0, 1], [2, 1]), [2]).dataSync()).toEqual(['b', 'd']);
        expect(tf.concat([words, words], 1).dataSync()).toEqual(['a', 'b', 'a', 'b', 'c', 'd', 'c', 'd']);
        expect([...tf.equal(words, 'c').dataSync()]).toEqual([0, 0, 1, 0]);
        expect(tf.fill([2], 'é').dataSync()).toEqual(['é', 'é']);
      });
    });
  });
});
