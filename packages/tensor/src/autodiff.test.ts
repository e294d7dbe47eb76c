import { describeEachBackend } from '#support/backends.js';
import { expectNoLeaks } from '#support/leaks.js';
import { randomInput } from '#support/op-check.js';
import {
  type Params,
  type Scalar,
  type Tensor,
  type Tensor2D,
  disposeParams,
  gelu,
  linear,
  tf,
  valueAndGrads,
} from '@hastejs/tensor';

type Loss = (params: Params) => Scalar;
const total = (x: Tensor): Scalar => tf.sum(tf.square(x)) as Scalar;

/** Functions that take the tape's less trodden paths; each uses [4, 4] matrices a and b. */
const LOSSES: Record<string, Loss> = {
  'a parameter used several times': ({ a, b }) =>
    total(tf.add(tf.matMul(a as Tensor2D, b as Tensor2D), tf.mul(a!, a!))),
  'an op with several outputs, one of them unused': ({ a, b }) => {
    const [first, second] = tf.split(tf.matMul(a as Tensor2D, b as Tensor2D), [1, 2, 1]);
    return total(tf.add(first!, second!));
  },
  'integer inputs': ({ a, b }) => total(tf.mul(tf.gather(a!, tf.tensor1d([3, 1, 3, 0], 'int32')), b!)),
  'a custom gradient': ({ a, b }) => total(linear(gelu(a!, 'tanh'), b!)),
  'an unused parameter': ({ a }) => total(tf.tanh(a!)),
  'a parameter as the loss itself': ({ a }) => tf.reshape(tf.slice(a!, [1, 1], [1, 1]), []),
};

/** The largest number of buffers alive after any kernel, above those alive before. Clones share a buffer. */
function peakBuffers(f: () => Tensor[]): number {
  const before = tf.memory().numDataBuffers;
  let peak = 0;
  const engine = tf.engine();
  const runKernel = engine.runKernel.bind(engine);
  const spy = jest.spyOn(engine, 'runKernel').mockImplementation((...args) => {
    const result = runKernel(...args);
    peak = Math.max(peak, tf.memory().numDataBuffers - before);
    return result as never;
  });
  tf.dispose(f());
  spy.mockRestore();
  return peak;
}

describeEachBackend('valueAndGrads', () => {
  const make = (): Params => ({ a: randomInput('a', [4, 4]), b: randomInput('b', [4, 4]) });

  it.each(Object.entries(LOSSES))('gives the very numbers of tf.variableGrads: %s', (_, loss) => {
    const params = make();
    const variables = Object.entries(params).map(([name, tensor]) => tf.variable(tensor, true, name));
    const stock = tf.variableGrads(() => loss(Object.fromEntries(variables.map((v) => [v.name, v]))), variables);
    expectNoLeaks(() => {
      const ours = valueAndGrads(() => ({ loss: loss(params) }), params);
      expect(ours.loss.dataSync()).toEqual(stock.value.dataSync());
      for (const name of Object.keys(params)) {
        expect(ours.grads[name]?.dataSync()).toEqual((stock.grads[name] as Tensor | null)?.dataSync());
      }
      return [ours.loss, ...Object.values(ours.grads)];
    });
    tf.dispose([stock.value, ...Object.values(stock.grads).filter((grad) => grad !== null)]);
    for (const variable of variables) variable.dispose();
    disposeParams(params);
  });

  it('survives a gradient that hands out its dy for both inputs, which the stock one does not', () => {
    const params = make();
    const plus = tf.customGrad((...args) => {
      const [x, y] = args as Tensor[];
      return { value: tf.add(x!, y!), gradFunc: (dy: Tensor) => [dy, dy] };
    });
    const loss = (add: (x: Tensor, y: Tensor) => Tensor) => ({
      loss: total(tf.mul(add(params['a']!, params['b']!), add(params['b']!, params['a']!))),
    });
    expectNoLeaks(() => {
      const ours = valueAndGrads(() => loss(plus), params);
      const plain = valueAndGrads(() => loss(tf.add), params);
      for (const name of ['a', 'b']) expect(ours.grads[name]!.dataSync()).toEqual(plain.grads[name]!.dataSync());
      return [ours.loss, plain.loss, ...Object.values(ours.grads), ...Object.values(plain.grads)];
    });
    disposeParams(params);
  });

  it('hands out aux, and frees everything else', () => {
    const params = make();
    expectNoLeaks(() => {
      const { loss, aux, grads } = valueAndGrads(() => {
        const hidden = tf.matMul(params['a'] as Tensor2D, params['b'] as Tensor2D);
        const loss = total(hidden);
        return { loss, aux: { same: loss, hidden, label: 'plain data' } };
      }, params);
      expect(aux.hidden.dataSync()).toHaveLength(16);
      expect(aux.label).toBe('plain data');
      return [loss, aux.hidden, ...Object.values(grads)];
    });
    disposeParams(params);
  });

  it('leaves nothing behind when the forward or a gradient throws', () => {
    const params = make();
    const failing = tf.customGrad((x, save) => {
      (save as (tensors: Tensor[]) => void)([x as Tensor]);
      const gradFunc = (): Tensor => {
        throw new Error('gradient failed');
      };
      return { value: tf.clone(x as Tensor), gradFunc };
    });
    expectNoLeaks(() => {
      const forward = () => {
        total(tf.tanh(params['a']!));
        throw new Error('forward failed');
      };
      expect(() => valueAndGrads(forward, params)).toThrow('forward failed');
      const backward = () => ({ loss: total(tf.tanh(failing(tf.tanh(params['a']!)))) });
      expect(() => valueAndGrads(backward, params)).toThrow('gradient failed');
    });
    disposeParams(params);
  });

  it('peaks far below tf.variableGrads', () => {
    const weight = randomInput('weight', [64, 64], 0.1);
    const x = randomInput('x', [64, 64]);
    const deep = (w: Tensor): Scalar => {
      let h: Tensor = x;
      for (let layer = 0; layer < 12; layer++) h = tf.tidy(() => tf.add(h, gelu(linear(h, w), 'tanh')));
      return total(h);
    };
    const variable = tf.variable(weight, true, 'deep');
    const stock = peakBuffers(() => {
      const { value, grads } = tf.variableGrads(() => deep(variable), [variable]);
      return [value, ...Object.values(grads)];
    });
    const ours = peakBuffers(() => {
      const { loss, grads } = valueAndGrads(() => ({ loss: deep(weight) }), { weight });
      return [loss, ...Object.values(grads)];
    });
    expect(ours).toBeLessThan(0.65 * stock);
    variable.dispose();
    tf.dispose([weight, x]);
  });

  it('refuses what it cannot do, in words', () => {
    const params = make();
    tf.tidy(() => {
      expect(() => valueAndGrads(() => ({ loss: params['a'] as Scalar }), params)).toThrow('float32 of shape [4, 4]');
      const rounded = () => ({ loss: tf.sum(tf.topk(params['a']!).values) as Scalar });
      expect(() => valueAndGrads(rounded, params)).toThrow("no gradient for 'TopK'");
      const nested = () => valueAndGrads(() => ({ loss: total(params['a']!) }), params);
      expect(() => valueAndGrads(nested, params)).toThrow('cannot be nested');
    });
    disposeParams(params);
  });

  it('says so when TensorFlow.js keeps its tape elsewhere', () => {
    const engine = tf.engine() as unknown as { startTape?: unknown };
    engine.startTape = undefined;
    try {
      expect(() => valueAndGrads(() => ({ loss: tf.scalar(0) }), {})).toThrow('install 4.22.0');
    } finally {
      delete engine.startTape;
    }
  });
});
