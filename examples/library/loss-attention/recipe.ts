import { attentionAlignment, pairs } from '@hastejs/haste';

export const term = {
  loss: attentionAlignment(),
  layers: pairs({
    pairs: [
      [4, 8],
      [5, 9],
      [6, 10],
      [7, 11],
    ],
  }),
  weight: 0.5,
};
