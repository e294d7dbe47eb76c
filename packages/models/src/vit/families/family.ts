import type { TokenGrid } from '@hastejs/plugin-api';
import type { Activation } from '../../layers/activation.js';
import type { PositionResampling } from '../positions.js';
import type { VitSpec } from '../spec.js';
import type { BoundSources } from './bind.js';
import type { SourceShapes } from './source-shapes.js';
import type { NameMap } from './sources.js';

/** The contents of a Hugging Face config.json, or nothing. */
export type VitConfig = Readonly<Record<string, unknown>>;

/** What shapes cannot tell and nobody wrote into a config. */
export interface VitHint {
  /** Read the file as this family's, whatever its names resemble. */
  readonly family?: VitFamilyId;
  readonly heads?: number;
  readonly gelu?: Activation;
  /** Grid of the position table where it is not square. */
  readonly grid?: TokenGrid;
  /** The file, for errors. */
  readonly where?: string;
}

/** Families by whose tensor names they carry: the authors', or (`-hf`) those of transformers. */
export const VIT_FAMILIES = [
  'dinov2-hf',
  'dinov3-hf',
  'clip-hf',
  'siglip-hf',
  'mae-hf',
  'ijepa-hf',
  'vit-hf',
  'dinov2',
  'dinov3',
  'clip',
  'mae',
  'ijepa',
  'mocov3',
  'dino',
  'timm-dinov3',
  'timm',
] as const;
export type VitFamilyId = (typeof VIT_FAMILIES)[number];

/** A family of weight files: a spec read off shapes, and a map of names. The model is one and the same. */
export interface VitFamily {
  readonly id: VitFamilyId;
  readonly summary: string;
  /** What may stand before every name, in the order of preference. */
  readonly prefixes: readonly string[];
  /** Names, without prefix, that are there exactly in a file of this family. */
  readonly marks: readonly string[];
  /** A second look where the marks fit several families. */
  readonly fits?: (shapes: SourceShapes, config: VitConfig) => boolean;
  /** Known tensors that the encoder does not use, by their names with prefix: heads, decoders, text towers. */
  readonly ignored: RegExp;
  /** How its own code moves a position table to another grid. */
  readonly resampling: (spec: VitSpec) => PositionResampling;
  readonly spec: (shapes: SourceShapes, config: VitConfig, hint: VitHint) => VitSpec;
  /** Canonical name → what it is made of. Names are full, prefix included. */
  readonly names: (spec: VitSpec, prefix: string) => NameMap;
}

/** A weight file that was recognised and checked, by shapes alone. */
export interface ReadVit extends BoundSources {
  readonly family: VitFamilyId;
  readonly spec: VitSpec;
  /** How the family's own code moves its position table; nothing to move where positions are rotary. */
  readonly resampling: PositionResampling;
}
