/** A resampling filter: zero outside ±support, in units of the coarser grid. */
export interface Filter {
  readonly support: number;
  weight(x: number): number;
}

/** The mean of the pixels covered. */
export const BOX: Filter = { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) };

/** Keys' cubic convolution with a = −½, the value that Pillow uses (PyTorch uses −¾). */
export const BICUBIC: Filter = {
  support: 2,
  weight: (signed) => {
    const a = -0.5;
    const x = Math.abs(signed);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
    return 0;
  },
};

/** Sinc with a sinc window of three lobes. */
export const LANCZOS: Filter = { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) };

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}
