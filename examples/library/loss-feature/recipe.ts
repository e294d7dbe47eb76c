import { featureAlignment, pairs } from '@hastejs/haste';

export const term = { loss: featureAlignment({ hidden: 2048 }), layers: pairs({ pairs: [[7, 'final']] }), weight: 0.5 };
