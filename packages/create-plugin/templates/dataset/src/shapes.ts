// A drawn image is S×S grey pixels.
import type { Rng } from '@hastejs/tensor';

export const SHAPES = ['disc', 'square', 'triangle'] as const;
export type Shape = (typeof SHAPES)[number];

/** Samples along each side of a pixel: grey levels at the edges of a shape. */
const SAMPLES = 3;

/** Whether a point lies in a shape of radius 1 around the origin; y points down. */
const HOLDS: Readonly<Record<Shape, (x: number, y: number) => boolean>> = {
  disc: (x, y) => x * x + y * y <= 1,
  square: (x, y) => Math.abs(x) <= 0.8 && Math.abs(y) <= 0.8,
  triangle: (x, y) => y <= 0.7 && y >= 1.9 * Math.abs(x) - 1,
};

/**
 * A bright shape of random place, size and brightness on a darker ground: [S·S], 0 to 255. A function of the draws
 * alone, so the same image comes out whenever it is asked for.
 */
export function drawShape(shape: Shape, size: number, draws: Rng): Uint8Array {
  const [cx, cy, r, bright, dark] = draws.uniform(5) as unknown as [number, number, number, number, number];
  const radius = size * (0.18 + 0.14 * r);
  const middle = (u: number): number => radius + u * (size - 2 * radius);
  const [x0, y0] = [middle(cx), middle(cy)];
  const [ground, ink] = [60 * dark, 155 + 100 * bright];
  return Uint8Array.from({ length: size * size }, (_, at) => {
    const covered = coverage(HOLDS[shape], at % size, Math.floor(at / size), x0, y0, radius);
    return Math.round(ground + (ink - ground) * covered);
  });
}

/** The part of a pixel that lies in the shape. */
function coverage(
  holds: (x: number, y: number) => boolean,
  column: number,
  row: number,
  x0: number,
  y0: number,
  radius: number,
): number {
  let inside = 0;
  for (let k = 0; k < SAMPLES * SAMPLES; k++) {
    const x = column + ((k % SAMPLES) + 0.5) / SAMPLES;
    const y = row + (Math.floor(k / SAMPLES) + 0.5) / SAMPLES;
    if (holds((x - x0) / radius, (y - y0) / radius)) inside++;
  }
  return inside / (SAMPLES * SAMPLES);
}

/** Left and right exchanged. */
export function mirrored(image: Uint8Array, size: number): Uint8Array {
  return image.map((_, at) => image[at - (at % size) + (size - 1 - (at % size))]!);
}
