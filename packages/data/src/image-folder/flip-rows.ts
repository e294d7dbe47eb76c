/** Mirrors an image [C, H, W] left to right, in place. */
export function flipRows(image_CHW: Uint8Array, width: number): void {
  for (let row = 0; row < image_CHW.length; row += width) image_CHW.subarray(row, row + width).reverse();
}
