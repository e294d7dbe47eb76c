// Reads how images are prepared from what publishers put beside their weights.
import type { JsonRecord } from '@hastejs/weights';
import type { Beside } from '../weights/beside.js';
import { type ChannelNormalisation, channelNormalisation } from './normalisation.js';
import type { FamilyTransform } from './family-transform.js';

/**
 * What is told: by transformers' preprocessor_config.json, timm's config.json or OpenCLIP's open_clip_config.json. What is
 * not told is the family's.
 */
export function publishedTransform({ config, preprocessor }: Beside): Partial<FamilyTransform> {
  return {
    ...timmTransform(record(config['pretrained_cfg']) ?? {}),
    ...openClipTransform(record(config['preprocess_cfg']) ?? {}, record(config['model_cfg']) ?? {}),
    ...hubTransform(preprocessor),
  };
}

/** transformers: Pillow's numbers for filters, sizes as a number or by name. */
function hubTransform(from: JsonRecord): Partial<FamilyTransform> {
  const size = side(from['size']);
  const crops = from['do_center_crop'] === true;
  const crop = crops ? side(from['crop_size']) : size;
  const filter = ({ 2: 'bilinear', 3: 'bicubic' } as const)[from['resample'] as 2];
  return {
    ...normalisationOf(from['image_mean'], from['image_std']),
    ...(filter && { filter }),
    // A size by its short edge keeps proportions, whether or not it is named so: older files give a bare number.
    ...(size && { fit: crops || record(from['size'])?.['shortest_edge'] !== undefined ? 'shortest' : 'stretch' }),
    ...(size && crop && { resize: Math.max(size, crop), crop }),
  };
}

/** timm's pretrained_cfg: the share of the resized image that the crop keeps. */
function timmTransform(from: JsonRecord): Partial<FamilyTransform> {
  const { input_size: input, crop_pct: share, interpolation, crop_mode: mode } = from;
  const crop: unknown = Array.isArray(input) ? input[2] : undefined;
  return {
    ...normalisationOf(from['mean'], from['std']),
    ...filterOf(interpolation),
    ...(typeof mode === 'string' && { fit: mode === 'squash' ? 'stretch' : 'shortest' }),
    ...(typeof crop === 'number' && typeof share === 'number' && { resize: Math.floor(crop / share), crop }),
  };
}

function openClipTransform(from: JsonRecord, model: JsonRecord): Partial<FamilyTransform> {
  const size: unknown = record(model['vision_cfg'])?.['image_size'];
  const mode = from['resize_mode'];
  return {
    ...normalisationOf(from['mean'], from['std']),
    ...filterOf(from['interpolation']),
    ...(typeof mode === 'string' && { fit: mode === 'squash' ? 'stretch' : 'shortest' }),
    ...(typeof size === 'number' && { resize: size, crop: size }),
  };
}

function filterOf(name: unknown): Pick<FamilyTransform, 'filter'> | undefined {
  return name === 'bicubic' || name === 'bilinear' ? { filter: name } : undefined;
}

function normalisationOf(mean: unknown, std: unknown): { normalisation?: ChannelNormalisation } {
  const read = channelNormalisation.safeParse({ mean, std });
  return read.success ? { normalisation: read.data } : {};
}

function side(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const named = record(value);
  const found = named?.['shortest_edge'] ?? named?.['height'];
  return typeof found === 'number' ? found : undefined;
}

function record(value: unknown): JsonRecord | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : undefined;
}
