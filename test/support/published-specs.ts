// D width. Small models of every family.
import { type VitSpec, vitSpec } from '@hastejs/models';

export const D = 128;
const size = { hiddenSize: D, depth: 2, numHeads: 2, patchSize: 2, grid: { height: 4, width: 4 } };
export const mlp = (gelu: 'erf' | 'tanh' | 'quick') => ({ kind: 'mlp', hidden: 40, gelu }) as const;

export const dinov2: VitSpec = vitSpec({ ...size, feedForward: mlp('erf'), layerScale: 1 });
export const plain: VitSpec = { ...dinov2, layerScale: null };
export const dinov3: VitSpec = vitSpec({
  ...size,
  patchSize: 16,
  grid: { height: 14, width: 14 },
  registers: 4,
  positions: { kind: 'rotary', theta: 100 },
  qkvBias: { query: true, key: false, value: true },
  feedForward: mlp('erf'),
  layerScale: 1,
  eps: 1e-5,
});
export const clip: VitSpec = {
  ...plain,
  preNorm: true,
  patchBias: false,
  eps: 1e-5,
  feedForward: mlp('quick'),
  projection: 24,
};
export const siglip: VitSpec = {
  ...plain,
  classToken: false,
  positions: { kind: 'table', prefix: 0 },
  feedForward: mlp('tanh'),
  pooling: { kind: 'attention', hidden: 48, gelu: 'tanh' },
};
export const ijepa: VitSpec = { ...siglip, feedForward: mlp('erf'), pooling: { kind: 'mean' } };
