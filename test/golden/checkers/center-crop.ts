// H height, W width, C channels: pixels uint8.
import { LANCZOS, type Raster, centerCrop, resample } from '@hastejs/data';
import type { GoldenCase } from '../runner/golden-case.js';

/** Every `u8/` output, to the bit: the crops and resamplings that the published data sets were made with. */
export function checkResampling(golden: GoldenCase): void {
  const [height, width, channels] = golden.shape('in/image_crop') as [number, number, number];
  const image = { width, height, channels, data_HWC: Uint8Array.from(golden.values('in/image_crop')) };
  for (const key of golden.outputs.filter((name) => name.startsWith('u8/'))) {
    const result = resampled(key.slice('u8/'.length), image);
    if (!result) continue;
    const [h, w, c] = golden.shape(key);
    const shape = `${result.height}×${result.width}×${result.channels}`;
    golden.require(shape === `${h}×${w}×${c}`, `${key}: ${shape} instead of ${h}×${w}×${c}`);
    golden.expect(key, result.data_HWC);
  }
}

/** What an output's name asks for; null for a name that says nothing to us, which the suite then reports. */
function resampled(name: string, image: Raster): Raster | null {
  const numbers = (name.match(/\d+/g) ?? []).map(Number) as [number, number];
  if (/^center_crop_dhariwal_\d+$/.test(name)) return centerCrop(image, numbers[0]);
  if (/^center_crop_lanczos_\d+$/.test(name)) {
    return resample(middleSquare(image), { width: numbers[0], height: numbers[0] }, LANCZOS);
  }
  if (/^scale_lanczos_\d+x\d+$/.test(name)) return resample(image, { width: numbers[0], height: numbers[1] }, LANCZOS);
  return null;
}

function middleSquare({ width, height, channels, data_HWC }: Raster): Raster {
  const side = Math.min(width, height);
  const left = Math.floor((width - side) / 2);
  const top = Math.floor((height - side) / 2);
  const out = new Uint8Array(side * side * channels);
  for (let y = 0; y < side; y++) {
    const from = ((top + y) * width + left) * channels;
    out.set(data_HWC.subarray(from, from + side * channels), y * side * channels);
  }
  return { width: side, height: side, channels, data_HWC: out };
}
