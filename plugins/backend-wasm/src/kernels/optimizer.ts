import type { TensorInfo } from '@hastejs/tensor';
import { type Heap, sizeOf } from '../heap.js';
import type { HasteTable } from './register.js';

/** AdamW, moving average and sum of squares: one walk over the parameter each. */
export const optimizerKernels = (heap: Heap): HasteTable => {
  const at = (tensor: TensorInfo): number => heap.address(tensor);
  return {
    HasteAdamW: ({ param, grad, m, v }, { lr, beta1, beta2, eps, weightDecay, step }) => {
      const next = [param, m, v].map(({ shape }) => heap.make(shape)) as [TensorInfo, TensorInfo, TensorInfo];
      const keep = 1 - lr * weightDecay;
      const [correction1, correction2] = [1 - beta1 ** (step + 1), 1 - beta2 ** (step + 1)];
      const rates = [keep, 1 - beta1, beta2, 1 - beta2, lr / correction1, Math.sqrt(correction2), eps];
      const places = [param, grad, m, v, ...next].map(at);
      const size = sizeOf(param.shape);
      heap.parallel('adamw', [size, 4, 7 * size], (from, to) => [
        ...places.map((place) => place + 4 * from),
        to - from,
        ...rates,
      ]);
      return next;
    },
    HasteEma: ({ ema, param }, { decay }) => {
      const out = heap.make(ema.shape);
      const places = [ema, param, out].map(at);
      const size = sizeOf(ema.shape);
      heap.parallel('ema', [size, 4, 3 * size], (from, to) => [
        ...places.map((place) => place + 4 * from),
        to - from,
        decay,
        1 - decay,
      ]);
      return [out];
    },
    HasteSumOfSquares: ({ x }) => {
      const out = heap.make([]);
      heap.simd.sumOfSquares(at(x), at(out), sizeOf(x.shape));
      return [out];
    },
  };
};
