import sharp from 'sharp';
import { centerCrop } from '../resample/center-crop.js';
import type { Raster } from '../resample/resample.js';
import { type ImageKind, imageKind } from './image-kind.js';
import type { DecodeOptions } from './messages.js';

// H height, W width, C channels.

/**
 * Decodes a PNG, JPEG or WebP image and crops it to a square: uint8 [C, size, size].
 *
 * Pixels are those that Pillow gives, to the bit, for grey and RGB images; beyond that: EXIF orientation is applied, 16 bits a
 * sample become the upper 8, transparent parts become white (what lies behind them is arbitrary), CMYK becomes sRGB.
 * Other colour profiles are ignored, as the reference does. Of an animation the first frame counts.
 * @throws Error saying why not, as the end of "An image cannot be decoded: …". (JPEG has no checksum: damage that still
 * decodes goes unseen.)
 */
export async function decodeImage(bytes: Uint8Array, { size, channels }: DecodeOptions): Promise<Uint8Array> {
  const kind = imageKind(bytes);
  if (!kind) throw new Error('it is not a PNG, JPEG or WebP image');
  const rgb = await decodeRgb(bytes).catch((error: Error) => {
    throw new Error(reasonOf(kind, error), { cause: error });
  });
  return planes(centerCrop(channels === 1 ? luma(rgb) : rgb, size));
}

async function decodeRgb(bytes: Uint8Array): Promise<Raster> {
  const { data, info } = await sharp(bytes, { failOn: 'warning', autoOrient: true, ignoreIcc: true })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: info.channels, data_HWC: new Uint8Array(data) };
}

/** The codec keeps its last message for the whole process: with many images at once it is often another's, or lost. */
function reasonOf(kind: ImageKind, error: Error): string {
  if (error.message.includes('pixel limit')) return 'it has more than 268 million pixels';
  return `its ${kind} data is damaged or cut short`;
}

/** ITU-R 601 luma in 16-bit fixed point, as Pillow's `convert('L')`. */
function luma({ width, height, data_HWC }: Raster): Raster {
  const grey = new Uint8Array(width * height);
  for (let i = 0, rgb = 0; i < grey.length; i++, rgb += 3) {
    const sum = data_HWC[rgb]! * 19595 + data_HWC[rgb + 1]! * 38470 + data_HWC[rgb + 2]! * 7471;
    grey[i] = (sum + 0x8000) >> 16;
  }
  return { width, height, channels: 1, data_HWC: grey };
}

/** [H, W, C] to [C, H, W]. */
function planes({ width, height, channels, data_HWC }: Raster): Uint8Array {
  const area = width * height;
  const out = new Uint8Array(area * channels);
  for (let pixel = 0, i = 0; pixel < area; pixel++) {
    for (let c = 0; c < channels; c++) out[c * area + pixel] = data_HWC[i++]!;
  }
  return out;
}
