/** Which of three conventions places the pixels of a resized image in the old one. */
export interface SampleAttrs {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** For each place along a new axis: the places below and above it in the old one, and the share of the latter. */
export interface Samples {
  readonly below: Int32Array;
  readonly above: Int32Array | null;
  readonly share: Float32Array | null;
}

/** Samples `to` places from an axis of `from`. */
export type Sample = (from: number, to: number, attrs: SampleAttrs) => Samples;

/** Old places a step of the new axis covers. */
function stride(from: number, to: number, { alignCorners }: SampleAttrs): number {
  return alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
}

export const bilinear: Sample = (from, to, attrs) => {
  const step = stride(from, to, attrs);
  const below = new Int32Array(to);
  const above = new Int32Array(to);
  const share = new Float32Array(to);
  for (let place = 0; place < to; place++) {
    const source = attrs.halfPixelCenters ? Math.max(0, step * (place + 0.5) - 0.5) : step * place;
    below[place] = Math.min(from - 1, Math.floor(source));
    above[place] = Math.min(from - 1, Math.ceil(source));
    share[place] = source - below[place]!;
  }
  return { below, above, share };
};

export const nearest: Sample = (from, to, attrs) => {
  const step = stride(from, to, attrs);
  const below = Int32Array.from({ length: to }, (_, place) => {
    const source = step * (attrs.halfPixelCenters ? place + 0.5 : place);
    return Math.min(from - 1, attrs.alignCorners ? Math.round(source) : Math.floor(source));
  });
  return { below, above: null, share: null };
};
