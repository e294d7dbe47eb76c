import { join } from 'node:path';
import { HasteError, type Notices, Services, defineDataset } from '@hastejs/plugin-api';
import { ImageFolderDataset } from './dataset.js';
import { type ImageFolderOptions, imageFolderOptions } from './options.js';
import { type Scan, scanImages } from './scan.js';

/** Anyone's images: folders are classes. */
export const imageFolder = defineDataset({
  id: 'data/image-folder',
  summary: 'PNG, JPEG and WebP images in one folder for each class, center-cropped to squares.',
  options: imageFolderOptions,
  inject: { files: Services.files, notices: Services.notices },
  create: (options, { files, notices }) => openImageFolder(files.resolve(options.dir), options, notices),
});

/**
 * Scans an image folder and says what it found.
 * @param root absolute path.
 * @throws HasteError DATA_MISSING, DATA_EMPTY, and with `onBadImage: 'stop'` IMAGE_UNREADABLE for the first bad file.
 */
export async function openImageFolder(
  root: string,
  options: ImageFolderOptions,
  notices: Notices,
): Promise<ImageFolderDataset> {
  const scan = await scanImages(root);
  if (options.onBadImage === 'stop') refuseFaults(root, scan);
  announce(scan, notices);
  return new ImageFolderDataset(root, options, scan, notices);
}

function refuseFaults(root: string, { faults }: Scan): void {
  const [first] = faults;
  if (!first) return;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more bad files)` : '';
  throw new HasteError('IMAGE_UNREADABLE', {
    what: `The file ${first.path} ${first.reason}${more}.`,
    where: join(root, first.path),
    fix: "Replace or remove it, or set onBadImage: 'skip' to go on without such files.",
  });
}

function announce({ faults, files, ignored }: Scan, notices: Notices): void {
  const [first] = faults;
  if (first) {
    const all = files.length + faults.length;
    const what = faults.length === 1 ? `it ${first.reason}` : `the first ${first.reason}`;
    notices.warn(`Skipped ${faults.length} of ${all} files: ${first.path}${faults.length > 1 ? ' …' : ''} (${what}).`, {
      skipped: faults.map(({ path, reason }) => ({ path, reason })),
    });
  }
  if (ignored.length > 0) {
    const examples = ignored.slice(0, 3).join(', ') + (ignored.length > 3 ? ', …' : '');
    notices.info(`Passed over ${ignored.length} files that are no images of a class: ${examples}.`);
  }
}
