import { whereItRuns } from '#support/backends.js';
import { tf } from '@hastejs/tensor';
import { tensorflowBackend } from '@hastejs/backend-tensorflow';
import util from 'node:util';
import { mendUtil } from './node-util.js';

type Helper = (value: unknown) => boolean;
type Helpers = Partial<Record<'isNullOrUndefined' | 'isArray', Helper>>;

it('puts back what newer Nodes lack, and leaves what is there', () => {
  const isArray = () => true;
  const target: Helpers = { isArray };
  mendUtil(target);
  expect([null, undefined].map(target.isNullOrUndefined!)).toEqual([true, true]);
  expect([0, '', false].map(target.isNullOrUndefined!)).toEqual([false, false, false]);
  expect(target.isArray).toBe(isArray);
});

describe('TensorFlow on a Node that removed the helpers', () => {
  whereItRuns('tensorflow', () => {
    const helpers = util as Helpers;
    const { isNullOrUndefined, isArray } = helpers;
    beforeAll(() => {
      delete helpers.isNullOrUndefined;
      delete helpers.isArray;
    });
    afterAll(() => Object.assign(util, { isNullOrUndefined, isArray }));

    it('computes, and says what it computes on', async () => {
      const backend = await tensorflowBackend.create({ package: 'tfjs-node' }, {});
      await backend.activate();
      tf.tidy(() => expect([...tf.concat([tf.ones([2]), tf.zeros([1])]).dataSync()]).toEqual([1, 1, 0]));
      expect(await backend.probe()).toMatchObject({
        available: true,
        device: '@tensorflow/tfjs-node: processor',
        version: expect.stringMatching(/^4\.22\.0, TensorFlow 2\.\d+/),
      });
    });
  });
});
