/**
 * Decoded images up to a limit of bytes. It fills and then stays: an epoch visits every image once in a new order, so that
 * throwing out the oldest would lose as many hits as it wins.
 */
export class PixelCache {
  private readonly images = new Map<number, Uint8Array>();
  private bytes = 0;

  constructor(private readonly limit: number) {}

  get(index: number): Uint8Array | undefined {
    return this.images.get(index);
  }

  offer(index: number, pixels: Uint8Array): void {
    if (this.bytes + pixels.length > this.limit || this.images.has(index)) return;
    this.images.set(index, pixels);
    this.bytes += pixels.length;
  }

  clear(): void {
    this.images.clear();
    this.bytes = 0;
  }
}
