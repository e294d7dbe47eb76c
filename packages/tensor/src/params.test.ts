import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import {
  type Params,
  cloneParams,
  countParams,
  disposeParams,
  mapParams,
  omitParams,
  pickParams,
  prefixParams,
  subParams,
  tf,
} from '@hastejs/tensor';

describeEachBackend('params', () => {
  let params: Params;
  beforeEach(() => {
    params = { 'a.weight': tf.ones([2, 3]), 'a.bias': tf.zeros([3]), 'b.weight': tf.ones([4]) };
  });
  afterEach(() => disposeParams(params));

  it('counts scalars', () => expect(countParams(params)).toBe(13));

  it('clones: a copy outlives the original', () => {
    expectNoLeaks(() => {
      const copy = cloneParams(params);
      disposeParams(params);
      expect([...copy['b.weight']!.dataSync()]).toEqual([1, 1, 1, 1]);
      params = cloneParams(copy);
      return copy;
    });
  });

  it('picks and omits by name', () => {
    expect(pickParams(params, ['b.weight', 'a.bias'])).toEqual({
      'b.weight': params['b.weight'],
      'a.bias': params['a.bias'],
    });
    expect(Object.keys(omitParams(params, ['a.bias', 'absent']))).toEqual(['a.weight', 'b.weight']);
    expect(() => pickParams(params, ['absent'])).toThrow("'absent'");
  });

  it('adds and strips prefixes without copying', () => {
    expect(Object.keys(prefixParams(params, 'x.'))).toEqual(['x.a.weight', 'x.a.bias', 'x.b.weight']);
    const sub = subParams(params, 'a.');
    expect(Object.keys(sub)).toEqual(['weight', 'bias']);
    expect(sub['weight']).toBe(params['a.weight']);
  });

  it('maps with names', () => {
    const doubled = mapParams(params, (tensor, name) => (name === 'a.bias' ? tf.add(tensor, 5) : tf.mul(tensor, 2)));
    expect([...doubled['a.bias']!.dataSync()]).toEqual([5, 5, 5]);
    expect([...doubled['b.weight']!.dataSync()]).toEqual([2, 2, 2, 2]);
    disposeParams(doubled);
  });
});
