import { tmpdir } from 'node:os';
import { checkRoom, freeBytes } from './room.js';

const plan = { teacher: 'DINOv2-B', folder: '/disk/cache', images: 100, done: 40, free: 3 * 2 ** 30 };

it('refuses what does not fit, with both numbers', () => {
  expect(() => checkRoom({ ...plan, bytes: plan.free })).not.toThrow();
  expect(() => checkRoom({ ...plan, bytes: 4.5 * 2 ** 30 })).toThrow(
    /DINOv2-B need 4.5 GiB for 60 images, but the disk has 3.0 GiB free\. \[DISK\][^]*\/disk\/cache/,
  );
});

it('knows what the disk of a folder has room for', async () => {
  expect(await freeBytes(tmpdir())).toBeGreaterThan(0);
  await expect(freeBytes('/nowhere/at/all')).rejects.toThrow(/ENOENT/);
});
