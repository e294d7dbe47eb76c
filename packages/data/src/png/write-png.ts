import { HasteError } from '@hastejs/plugin-api';
import type { Raster } from '../resample/resample.js';
import { writeAtomically } from './write-atomically.js';

/**
 * Writes pixels as a PNG, grey (1 channel) or RGB (3); whole or not at all.
 * @throws HasteError SHAPE_MISMATCH if the pixels do not fill the image, DISK if it cannot be written.
 */
export async function writePng(path: string, { width, height, channels, data_HWC }: Raster): Promise<void> {
  if ((channels !== 1 && channels !== 3) || data_HWC.length !== width * height * channels) {
    throw new HasteError('SHAPE_MISMATCH', {
      what: `A PNG of ${height}×${width}×${channels} (height × width × channels) cannot be made of ${data_HWC.length} values.`,
      where: path,
      fix: 'Give 1 or 3 channels and exactly as many values as pixels times channels.',
    });
  }
  // Loaded on first use: importing Haste loads no native library.
  const { default: sharp } = await import('sharp');
  const image = sharp(data_HWC, { raw: { width, height, channels } }).toColourspace(channels === 1 ? 'b-w' : 'srgb');
  await writeAtomically(path, await image.png().toBuffer());
}
