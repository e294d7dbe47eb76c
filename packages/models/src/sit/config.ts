import type { ImageShape, StudentSpec, TokenGrid } from '@hastejs/plugin-api';

/** Everything that shapes a SiT. */
export interface SitConfig {
  /** D, divisible by `numHeads` and by 4. */
  readonly hiddenSize: number;
  readonly depth: number;
  readonly numHeads: number;
  /** Side of a patch; divides both sides of the input. */
  readonly patchSize: number;
  readonly mlpRatio: number;
  /** Layer norm on every head's queries and keys. */
  readonly qkNorm: boolean;
  readonly input: ImageShape;
  /** Number of classes, the null class not counted. */
  readonly classes: number;
}

export type SitSize = Pick<SitConfig, 'hiddenSize' | 'depth' | 'numHeads' | 'patchSize'>;

/** The published sizes (SiT, table 1); each comes with patch 2, 4 and 8. */
const SCALES = {
  S: { hiddenSize: 384, depth: 12, numHeads: 6 },
  B: { hiddenSize: 768, depth: 12, numHeads: 12 },
  L: { hiddenSize: 1024, depth: 24, numHeads: 16 },
  XL: { hiddenSize: 1152, depth: 28, numHeads: 16 },
} as const;
const PATCHES = [2, 4, 8] as const;

export type SitPreset = `SiT-${keyof typeof SCALES}/${(typeof PATCHES)[number]}`;

/** All presets by name: `SIT_PRESETS['SiT-B/2']`. */
export const SIT_PRESETS = Object.fromEntries(
  Object.entries(SCALES).flatMap(([scale, size]) =>
    PATCHES.map((patchSize) => [`SiT-${scale}/${patchSize}`, { ...size, patchSize }]),
  ),
) as Readonly<Record<SitPreset, SitSize>>;

export function sitGrid({ input, patchSize }: Pick<SitConfig, 'input' | 'patchSize'>): TokenGrid {
  return { height: input.height / patchSize, width: input.width / patchSize };
}

/** What the rest of Haste may know of this model. */
export function sitSpec(config: SitConfig): StudentSpec {
  const { hiddenSize, depth, numHeads, input, classes } = config;
  return {
    name: sitName(config),
    blocks: depth,
    width: hiddenSize,
    heads: numHeads,
    headDim: hiddenSize / numHeads,
    grid: sitGrid(config),
    input,
    classes,
  };
}

/** The preset's name, or `SiT-<hidden>x<depth>/<patch>`. */
function sitName({ hiddenSize, depth, numHeads, patchSize }: SitConfig): string {
  const preset = Object.entries(SIT_PRESETS).find(
    ([, size]) =>
      size.hiddenSize === hiddenSize &&
      size.depth === depth &&
      size.numHeads === numHeads &&
      size.patchSize === patchSize,
  );
  return preset?.[0] ?? `SiT-${hiddenSize}x${depth}/${patchSize}`;
}
