import { type Notices, Services, defineDataset } from '@hastejs/plugin-api';
import { ImageFolderDataset } from './dataset.js';
import { badFiles, plural } from './errors.js';
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
  const [first, ...others] = scan.faults;
  if (options.onBadImage === 'stop' && first) throw badFiles(root, [first, ...others]);
  announce(scan, notices);
  return new ImageFolderDataset(root, options, scan, notices);
}

function announce({ faults, files, ignored }: Scan, notices: Notices): void {
  const [first] = faults;
  if (first) {
    const others = faults.length > 1 ? ', and others' : '';
    const left = `${plural(files.length, 'image')} left`;
    notices.warn(`Skipped ${plural(faults.length, 'bad file')}: ${first.path} ${first.reason}${others}; ${left}.`, {
      skipped: faults.map(({ path, reason }) => ({ path, reason })),
    });
  }
  if (ignored.length > 0) {
    const examples = ignored.slice(0, 3).join(', ') + (ignored.length > 3 ? ', …' : '');
    notices.info(`Passed over ${plural(ignored.length, 'file')} of other kinds or outside the classes: ${examples}.`);
  }
}
