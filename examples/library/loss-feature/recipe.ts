import { featureAlignment, featureAlignmentConv, pairs } from '@hastejs/haste';

const layers = pairs({ pairs: [[7, 'final']] });
export const term = { loss: featureAlignment({ hidden: 2048 }), layers, weight: 0.5 };
/** With a convolution in place of the projector (iREPA). */
export const local = { loss: featureAlignmentConv(), layers, weight: 0.5 };
