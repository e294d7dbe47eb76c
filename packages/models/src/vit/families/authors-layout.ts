import type { VitConfig, VitFamily, VitHint } from './family.js';
import { fused } from './block-names.js';
import { type VitNames, nameMap } from './name-table.js';
import { type Usual, readSpec } from './read-spec.js';
import type { SourceShapes } from './source-shapes.js';

/**
 * The names that timm's first ViT gave, which DINO, MAE, MoCo v3, I-JEPA and DINOv2 kept, and which are the model's own
 * with them: what differs is what stands before them, and what else lies in the file.
 */
export const AUTHORS_NAMES: VitNames = {
  cls_token: ['cls_token', 3],
  pos_embed: ['pos_embed', 3],
  patch: 'patch_embed.proj.',
  block: 'blocks.#.',
  norm1: 'norm1.',
  qkv: fused('attn.qkv.'),
  proj: 'attn.proj.',
  norm2: 'norm2.',
  scales: ['ls1.gamma', 'ls2.gamma'],
  mlp: ['mlp.fc1.', 'mlp.fc2.'],
  norm: 'norm.',
};

/** What a family of this layout says of itself. */
type Own = Pick<VitFamily, 'id' | 'summary' | 'ignored'> &
  Partial<Pick<VitFamily, 'prefixes' | 'marks' | 'fits' | 'resampling'>> & {
    readonly names?: Partial<VitNames>;
    readonly usual?: (shapes: SourceShapes) => Partial<Usual>;
  };

/** A family of this layout: eps 1e-6 and exact GELU, positions resampled as timm does, unless it says otherwise. */
export function authorsFamily({ names, usual, ...own }: Own): VitFamily {
  const table: VitNames = { ...AUTHORS_NAMES, ...names };
  return {
    prefixes: [''],
    marks: ['patch_embed.proj.weight', 'blocks.0.attn.qkv.weight'],
    resampling: () => ({ kind: 'timm' }),
    ...own,
    spec: (shapes: SourceShapes, config: VitConfig, hint: VitHint) =>
      readSpec(table, shapes, config, hint, { eps: 1e-6, gelu: 'erf', ...usual?.(shapes) }),
    names: (spec, prefix) => nameMap(table, spec, prefix),
  };
}
