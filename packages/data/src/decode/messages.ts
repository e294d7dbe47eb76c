/** What every image of a set is made into. */
export interface DecodeOptions {
  /** Side of the square, in pixels. */
  readonly size: number;
  readonly channels: 1 | 3;
}

export interface DecodeJob {
  readonly id: number;
  readonly path: string;
}

/** `image`: the bytes are damaged, and will be tomorrow. `file`: they could not be read, which may pass. */
export interface DecodeFault {
  readonly kind: 'image' | 'file';
  readonly reason: string;
}

/** Pixels uint8 [C, H, W], moved and not copied between threads; or why there are none. */
export type DecodeReply =
  { readonly id: number; readonly pixels_CHW: Uint8Array } | { readonly id: number; readonly fault: DecodeFault };
