import type { TensorInfo } from '@hastejs/tensor';
import { type Heap, sizeOf } from '../heap.js';
import type { HasteTable } from './register.js';

/** AdamW, moving average and global norm: one walk over each parameter. */
export const optimizerKernels = (heap: Heap): HasteTable => {
  const at = (tensor: TensorInfo): number => heap.address(tensor);
  return {
    HasteAdamW: ({ params, grads, m, v, ...scalars }, { beta1, beta2, eps, weightDecay }) => {
      const [lr, count] = [scalars.lr, scalars.count].map((scalar) => heap.floats(at(scalar), 1)[0]!) as [
        number,
        number,
      ];
      const keep = 1 - lr * weightDecay;
      const [correction1, correction2] = [1 - beta1 ** count, 1 - beta2 ** count];
      const rates = [keep, 1 - beta1, beta2, 1 - beta2, lr / correction1, Math.sqrt(correction2), eps];
      const next = params.map((param, i) => {
        const slots = [param, m[i]!, v[i]!].map(({ shape }) => heap.make(shape));
        const places = [param, grads[i]!, m[i]!, v[i]!, ...slots].map(at);
        const size = sizeOf(param.shape);
        heap.parallel('adamw', [size, 4, 7 * size], (from, to) => [
          ...places.map((place) => place + 4 * from),
          to - from,
          ...rates,
        ]);
        return slots;
      });
      return [0, 1, 2].flatMap((slot) => next.map((slots) => slots[slot]!));
    },
    HasteEma: ({ ema, params }, { decay }) =>
      ema.map((average, i) => {
        const out = heap.make(average.shape);
        const places = [average, params[i]!, out].map(at);
        const size = sizeOf(average.shape);
        heap.parallel('ema', [size, 4, 3 * size], (from, to) => [
          ...places.map((place) => place + 4 * from),
          to - from,
          decay,
          1 - decay,
        ]);
        return out;
      }),
    HasteGlobalNorm: ({ x }) => {
      const norm = heap.make([]);
      // The norm's own place receives each tensor's part; the sum is JavaScript's, in float64.
      const squares = x.map((tensor) => {
        heap.simd.sumOfSquares(at(tensor), at(norm), sizeOf(tensor.shape));
        return heap.floats(at(norm), 1)[0]!;
      });
      heap.floats(at(norm), 1)[0] = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
      return [norm];
    },
  };
};
