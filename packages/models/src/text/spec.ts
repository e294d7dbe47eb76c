// T tokens, D width.
import type { Activation } from '../layers/activation.js';
import { type BlockSpec, FULL_BIAS } from '../vit/spec.js';

/** Everything that shapes CLIP's text transformer. */
export interface TextSpec {
  /** D, divisible by `numHeads`. */
  readonly hiddenSize: number;
  readonly depth: number;
  readonly numHeads: number;
  /** Number of token ids. */
  readonly vocabulary: number;
  /** The longest text, in tokens: rows of the position table. */
  readonly length: number;
  /** Width between an MLP's two linears. */
  readonly hidden: number;
  readonly gelu: Activation;
  readonly eps: number;
  /**
   * Where a text is read: at the first token of this id, or of the highest id that it holds (the oldest models', whose end
   * of text was the last entry of the vocabulary).
   */
  readonly end: number | 'highest';
  /** Width of the linear layer without bias that follows pooling; null: there is none. */
  readonly projection: number | null;
}

/** The stack of blocks: those of the vision tower. */
export const textBlocks = (spec: TextSpec): BlockSpec => ({
  hiddenSize: spec.hiddenSize,
  depth: spec.depth,
  numHeads: spec.numHeads,
  qkvBias: FULL_BIAS,
  feedForward: { kind: 'mlp', hidden: spec.hidden, gelu: spec.gelu },
  layerScale: null,
  eps: spec.eps,
});
