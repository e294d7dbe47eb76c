import { expectNoLeaks } from '#support/leaks.js';
import { describeEachBackend } from '#support/backends.js';
import { disposeParams, omitParams, rng, tf } from '@hastejs/tensor';
import { type ParameterTable, checkParameters, countTable, initParameters, within } from './parameters.js';

const TABLE: ParameterTable = {
  a: { shape: [200, 100], init: { kind: 'xavier' } },
  b: { shape: [5000], init: { kind: 'normal', std: 0.02 } },
  c: { shape: [2], init: { kind: 'constant', value: 3 } },
  d: { shape: [2], init: { kind: 'table', values: () => new Float32Array([4, 5]) } },
};

describeEachBackend('parameter tables', () => {
  it('fill xavier within its bound, normals with their deviation, constants and tables as given', () => {
    const params = initParameters(TABLE, rng(1));
    const spread = (name: string) => Math.sqrt(tf.mean(tf.square(params[name]!)).dataSync()[0]!);
    const bound = Math.sqrt(6 / 300);
    expect(tf.max(tf.abs(params['a']!)).dataSync()[0]!).toBeLessThanOrEqual(bound);
    expect(spread('a') / (bound / Math.sqrt(3))).toBeCloseTo(1, 1);
    expect(spread('b') / 0.02).toBeCloseTo(1, 1);
    expect([...params['c']!.dataSync(), ...params['d']!.dataSync()]).toEqual([3, 3, 4, 5]);
    disposeParams(params);
  });

  it('draw every parameter from its own name: leaving one out changes no other', () => {
    const { a, ...rest } = TABLE;
    const [all, fewer] = [initParameters(TABLE, rng(1)), initParameters(rest, rng(1))];
    expect(a!.shape).toEqual(all['a']!.shape);
    expect(fewer['b']!.dataSync()).toEqual(all['b']!.dataSync());
    expect(initParameters(rest, rng(2))['b']!.dataSync()).not.toEqual(all['b']!.dataSync());
  });

  it('leak nothing', () => expectNoLeaks(() => ({ ...initParameters(TABLE, rng(1)) })));
});

describe('loaded weights', () => {
  const loaded = () => ({ a: tf.zeros([200, 100]), b: tf.zeros([5000]), c: tf.zeros([2]), d: tf.zeros([2]) });

  it('pass when they fit', () => expect(() => checkParameters(TABLE, loaded(), 'file')).not.toThrow());

  it('are refused with what is missing, misshapen and extra', () => {
    const wrong = { ...omitParams(loaded(), ['a']), c: tf.zeros([3]), e: tf.zeros([1]) };
    expect(() => checkParameters(TABLE, wrong, 'weights.safetensors')).toThrow(
      expect.objectContaining({
        code: 'WEIGHTS_MISMATCH',
        where: 'weights.safetensors',
        what: "The weights do not fit the model: 'a' is missing; 'c' is [3] instead of [2]; 'e' is not part of the model.",
      }),
    );
  });

  it('are named when a lookup fails, and counted without being made', () => {
    expect(() => within(loaded(), 'blocks.3.')('a')).toThrow("'blocks.3.a'");
    expect(countTable(TABLE)).toBe(200 * 100 + 5000 + 4);
  });
});
