import type { SitConfig } from '@hastejs/models';

/** The student of a case, from the released code's names for its options. */
export function sitConfigOf(config: Readonly<Record<string, unknown>>): SitConfig {
  const number = (key: string): number => {
    const value = config[key];
    if (typeof value !== 'number') throw new Error(`The case's config has no number '${key}'.`);
    return value;
  };
  const side = number('input_size');
  return {
    hiddenSize: number('hidden_size'),
    depth: number('depth'),
    numHeads: number('num_heads'),
    patchSize: number('patch_size'),
    mlpRatio: number('mlp_ratio'),
    qkNorm: config['qk_norm'] === true,
    input: { channels: number('in_channels'), height: side, width: side },
    classes: number('num_classes'),
  };
}
