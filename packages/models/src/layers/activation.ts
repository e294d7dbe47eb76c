import { type GeluForm, type Tensor, gelu, quickGelu } from '@hastejs/tensor';

/** GELU of an MLP: exact, by tanh, or CLIP's x·sigmoid(1.702·x). */
export type Activation = GeluForm | 'quick';

export function activate<T extends Tensor>(x: T, form: Activation): T {
  return form === 'quick' ? quickGelu(x) : gelu(x, form);
}
