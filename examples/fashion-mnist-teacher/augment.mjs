const SIDE = 28;
const MOST_SHIFT = 2;

/**
 * Mirrors half of the images and moves each by up to two pixels, filling with black.
 * @param pixels uint8 [B, 1, 28, 28]. @param rng the step's own stream. @returns a new array of the same shape.
 */
export function augment(pixels, rng) {
  const size = SIDE * SIDE;
  const B = pixels.length / size;
  const flips = rng.stream('flip').integers(B, 2);
  const shifts = rng.stream('shift').integers(2 * B, 2 * MOST_SHIFT + 1);
  const moved = new Uint8Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) {
    const b = Math.floor(i / size);
    const [y, x] = [
      Math.floor((i % size) / SIDE) + shifts[2 * b] - MOST_SHIFT,
      (i % SIDE) + shifts[2 * b + 1] - MOST_SHIFT,
    ];
    if (x < 0 || x >= SIDE || y < 0 || y >= SIDE) continue;
    moved[i] = pixels[b * size + y * SIDE + (flips[b] ? SIDE - 1 - x : x)];
  }
  return moved;
}
