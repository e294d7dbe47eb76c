export type ImageKind = 'PNG' | 'JPEG' | 'WebP';

/** The kind told by the first bytes; a file's name may say another, and often does. */
export function imageKind(bytes: Uint8Array): ImageKind | null {
  const text = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'PNG';
  if (text.startsWith('\xff\xd8\xff')) return 'JPEG';
  if (text.startsWith('RIFF') && text.startsWith('WEBP', 8)) return 'WebP';
  return null;
}
