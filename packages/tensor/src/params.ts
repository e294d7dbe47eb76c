import type { Tensor } from './tf.js';

/** Named tensors: a model's parameters, their gradients, or moments. Keys are released state-dict names. */
export type Params = Readonly<Record<string, Tensor>>;
