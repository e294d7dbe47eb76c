import { activateBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { type Tensor, tf } from '@hastejs/tensor';
import type { WasmBackend } from '../heap.js';

/** Elements of a box, by counting through indices. */
function boxOf(shape: number[], begin: number[], size: number[], value: (flat: number) => number): number[] {
  return Array.from({ length: size.reduce((a, b) => a * b, 1) }, (_, at) => {
    let [rest, flat] = [at, 0];
    let stride = 1;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      flat += (begin[axis]! + (rest % size[axis]!)) * stride;
      rest = Math.floor(rest / size[axis]!);
      stride *= shape[axis]!;
    }
    return value(flat);
  });
}

const counted = (shape: number[], dtype: 'float32' | 'int32' | 'bool'): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Array.from({ length: size }, (_, i) => (dtype === 'bool' ? i % 3 === 0 : i)) as number[],
    shape,
    dtype,
  );
};

describe('copies on wasm', () => {
  beforeAll(() => activateBackend('wasm'));

  it.each([
    [[7], [2], [4]],
    [
      [4, 5],
      [1, 0],
      [2, 5],
    ],
    [
      [4, 5],
      [1, 2],
      [3, 2],
    ],
    [
      [3, 4, 5],
      [1, 1, 0],
      [2, 2, 5],
    ],
    [
      [3, 4, 5],
      [0, 1, 2],
      [3, 3, 3],
    ],
    [
      [2, 3, 4, 5],
      [1, 0, 2, 1],
      [1, 3, 2, 4],
    ],
    [
      [2, 2, 3, 2, 3],
      [0, 1, 0, 0, 1],
      [2, 1, 3, 2, 2],
    ],
    [
      [3, 4],
      [0, 2],
      [3, 0],
    ],
  ])('slice %p from %p of size %p', (shape, begin, size) => {
    for (const dtype of ['float32', 'int32', 'bool'] as const) {
      expectNoLeaks(() => {
        const x = counted(shape, dtype);
        const part = tf.slice(x, begin, size);
        expect(part.shape).toEqual(size);
        expect(part.dtype).toBe(dtype);
        expect([...part.dataSync()]).toEqual(
          boxOf(shape, begin, size, (flat) => (dtype === 'bool' ? +(flat % 3 === 0) : flat)),
        );
        return [x, part];
      });
    }
  });

  it.each([
    [[6, 4], 0, [2, 1, 3]],
    [[4, 6], 1, [1, 2, 3]],
    [[2, 6, 3], 1, 3],
    [[2, 3, 6], -1, 2],
  ])('split %p along %p, and concat back', (shape, axis, parts) => {
    expectNoLeaks(() => {
      const x = counted(shape, 'float32');
      const pieces = tf.split(x, parts as number, axis);
      const back = tf.concat(pieces, axis);
      expect(back.shape).toEqual(shape);
      expect(back.dataSync()).toEqual(x.dataSync());
      const first = pieces[0]!;
      expect([...first.dataSync()]).toEqual(
        boxOf(
          shape,
          shape.map(() => 0),
          first.shape,
          (flat) => flat,
        ),
      );
      return [x, back, ...pieces];
    });
  });

  it('a clone shares memory and outlives the original', () => {
    const x = tf.tensor1d([1, 2, 3]);
    const clone = tf.clone(x);
    const { dataIdMap } = tf.backend() as unknown as WasmBackend;
    expect(dataIdMap.get(clone.dataId).memoryOffset).toBe(dataIdMap.get(x.dataId).memoryOffset);
    x.dispose();
    expect([...clone.dataSync()]).toEqual([1, 2, 3]);
    clone.dispose();
  });

  it('strings still work', () => {
    tf.tidy(() => expect(tf.slice(tf.tensor1d(['a', 'b', 'c']), 1, 2).dataSync()).toEqual(['b', 'c']));
  });
});
