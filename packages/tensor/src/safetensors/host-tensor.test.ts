import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { type HostTensor, hostFloats, paramsFromHost, paramsToHost, tf } from '@hastejs/tensor';

describeEachBackend('host tensors', () => {
  it('travel to the host and back bit for bit', async () => {
    const bits = Float32Array.of(1.5, -0, Infinity, 2 ** -149);
    const params = {
      a: tf.tensor2d(bits, [2, 2]),
      i: tf.tensor1d([-1, 7], 'int32'),
      b: tf.tensor1d([true, false], 'bool'),
    };
    const host = await paramsToHost(params);
    expect(Object.values(host).map(({ dtype, shape }) => [dtype, ...shape])).toEqual([
      ['F32', 2, 2],
      ['I32', 2],
      ['BOOL', 2],
    ]);
    tf.dispose(Object.values(params));
    expectNoLeaks(() => {
      const back = paramsFromHost(host);
      expect(back['a']!.dataSync()).toEqual(bits);
      expect(back['i']!.dtype).toBe('int32');
      expect(back['b']!.dtype).toBe('bool');
      return Object.values(back);
    });
  });

  it('widen what backends lack', () => {
    const host: Record<string, HostTensor> = {
      half: { dtype: 'F16', shape: [1], data: Uint16Array.of(0x3c00) },
      brain: { dtype: 'BF16', shape: [1], data: Uint16Array.of(0xc000) },
      long: { dtype: 'I64', shape: [1], data: BigInt64Array.of(-5n) },
      byte: { dtype: 'U8', shape: [1], data: Uint8Array.of(200) },
    };
    const params = paramsFromHost(host);
    const described = Object.values(params).map((tensor) => [tensor.dtype, tensor.dataSync()[0]]);
    expect(described).toEqual([
      ['float32', 1],
      ['float32', -2],
      ['int32', -5],
      ['int32', 200],
    ]);
    tf.dispose(Object.values(params));
  });
});

describe('hostFloats', () => {
  it('shares float32, widens halves, and refuses what holds no floats', () => {
    const data = Float32Array.of(1.5, -2);
    expect(hostFloats({ dtype: 'F32', shape: [2], data })).toBe(data);
    expect(hostFloats({ dtype: 'BF16', shape: [2], data: Uint16Array.of(0x3fc0, 0xc000) })).toEqual(data);
    expect(hostFloats({ dtype: 'F16', shape: [2], data: Uint16Array.of(0x3e00, 0xc000) })).toEqual(data);
    expect(() => hostFloats({ dtype: 'I32', shape: [1], data: Int32Array.of(1) })).toThrow('I32 holds no floats');
  });
});
