import { featureAlignment, featureAlignmentConv, pairs, spatialNorm, tokenWeights } from '@hastejs/haste';

const layers = pairs({ pairs: [[7, 'final']] });
/** iREPA: the teacher's tokens normalised over space, and a convolution for a projector. */
export const irepa = { loss: spatialNorm({ loss: featureAlignmentConv() }), layers, weight: 0.5 };
/** Tokens count as much as the teacher attends to them. */
export const weighted = { loss: tokenWeights({ loss: featureAlignment(), by: 'attention' }), layers, weight: 0.5 };
