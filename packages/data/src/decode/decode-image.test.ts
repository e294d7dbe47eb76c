import { createHash } from 'node:crypto';
import { damagedPng, plainImage } from '#support/images.js';
import sharp from 'sharp';
import { decodeImage } from './decode-image.js';

const RGB = { size: 16, channels: 3 } as const;
const GREY = { size: 16, channels: 1 } as const;
const AREA = 16 * 16;

/** The values of pixel (0, 0), one for each channel of [C, 16, 16]. */
const first = (pixels_CHW: Uint8Array): number[] => [0, 1, 2].map((c) => pixels_CHW[c * AREA]!);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const raw = (data: Uint8Array | Uint16Array, channels: 1 | 2 | 3 | 4) =>
  sharp(data, { raw: { width: 16, height: 16, channels } });

// 16×16, 4:2:0: chroma upsampling and the inverse transform are where decoders differ.
const JPEG = Buffer.from(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5' +
    'PTgyPC4zNDL/2wBDAQkJCQwLDBgNDRgyIRwhMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjL/wAAR' +
    'CAAQABADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAABgf/xAAZEAADAQEBAAAAAAAAAAAAAAAABREiBqH/xAAVAQEBAAAAAAAAAAAA' +
    'AAAAAAADBf/EABkRAAIDAQAAAAAAAAAAAAAAAAADBREUIf/aAAwDAQACEQMRAD8AmS9DZgUr+fsx4JViGzAxWc/ZghrdoFgZ6q6f/9k=',
  'base64',
);

describe('decodeImage', () => {
  it('gives the pixels that Pillow 12.3 gives, in colour and as its luma', async () => {
    const colour = '4669d9f40838d624f66c888ad5289677121c5ed7052b14317b768fc24b4a5369';
    const grey = '8d712957fc589b3bc9d268e10e13b2eedfa96e96b6f99f93ac30d73c03f4e1af';
    expect(sha256(await decodeImage(JPEG, RGB))).toBe(colour);
    expect(sha256(await decodeImage(JPEG, GREY))).toBe(grey);
  });

  it.each(['png', 'webp'] as const)('reads %s, channels one after the other', async (format) => {
    const pixels = await decodeImage(await plainImage('rgb(10, 20, 30)', { format }), RGB);
    expect(pixels).toHaveLength(3 * AREA);
    expect(first(pixels)).toEqual([10, 20, 30]);
    expect(new Set(pixels.subarray(0, AREA))).toEqual(new Set([10]));
  });

  it('repeats a grey image in three channels', async () => {
    const grey = await raw(new Uint8Array(AREA).fill(99), 1).toColourspace('b-w').png().toBuffer();
    expect((await sharp(grey).metadata()).channels).toBe(1);
    expect(first(await decodeImage(grey, RGB))).toEqual([99, 99, 99]);
  });

  it.each([
    [1, 'grey16'],
    [3, 'rgb16'],
  ] as const)('keeps the upper 8 of 16 bits, %i channels', async (channels, sixteen) => {
    const samples = new Uint16Array(AREA * channels).fill(0x7fff);
    const png = await raw(samples, channels).toColourspace(sixteen).png().toBuffer();
    expect((await sharp(png).metadata()).depth).toBe('ushort');
    expect(first(await decodeImage(png, RGB))).toEqual([127, 127, 127]);
  });

  it('shows transparent parts as white', async () => {
    const half = Uint8Array.from({ length: AREA * 4 }, (_, i) => (i % 4 === 3 ? (i < AREA * 2 ? 0 : 255) : 40));
    const pixels = await decodeImage(await raw(half, 4).png().toBuffer(), RGB);
    expect(first(pixels)).toEqual([255, 255, 255]);
    expect(pixels[AREA - 1]).toBe(40);
  });

  it('turns an image as its EXIF orientation says', async () => {
    const leftToRight = Uint8Array.from({ length: AREA * 3 }, (_, i) => (Math.floor(i / 3) % 16) * 16);
    const png = await raw(leftToRight, 3).withMetadata({ orientation: 6 }).png().toBuffer();
    const red = (await decodeImage(png, RGB)).subarray(0, AREA);
    // Turned right by 90°: what grew from left to right grows from top to bottom.
    expect([red[0], red[15], red[240], red[255]]).toEqual([0, 0, 240, 240]);
  });

  it('brings CMYK to RGB', async () => {
    const cmyk = await sharp(await plainImage('red'))
      .toColourspace('cmyk')
      .jpeg({ quality: 100 })
      .toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe('cmyk');
    const [red, green, blue] = first(await decodeImage(cmyk, RGB)) as [number, number, number];
    expect(red).toBeGreaterThan(200);
    expect(Math.max(green, blue)).toBeLessThan(60);
  });

  it.each([
    ['a PNG cut short', damagedPng(), 'its PNG data is damaged or cut short'],
    ['a JPEG cut short', Promise.resolve(JPEG.subarray(0, 250)), 'its JPEG data is damaged or cut short'],
    ['a WebP cut short', plainImage('red', { format: 'webp' }).then((bytes) => bytes.subarray(0, 30)), 'its WebP data'],
    ['a header that promises too much', hugePng(), 'it has more than 268 million pixels'],
    ['text', Promise.resolve(Buffer.from('hello')), 'it is not a PNG, JPEG or WebP image'],
    ['a drawing, which could name other files', Promise.resolve(Buffer.from('<svg/>')), 'it is not a PNG'],
  ])('refuses %s', async (_name, bytes, reason) => {
    await expect(decodeImage(await bytes, RGB)).rejects.toThrow(reason);
  });
});

/** A PNG whose header says 60,000 × 60,000, with its checksum mended. */
async function hugePng(): Promise<Buffer> {
  const bytes = await plainImage('red');
  bytes.writeUInt32BE(60_000, 16);
  bytes.writeUInt32BE(60_000, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
