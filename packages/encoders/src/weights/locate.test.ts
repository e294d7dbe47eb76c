import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { useTemporaryFolder } from '#support/images.js';
import { locateWeights } from './locate.js';

const folder = useTemporaryFolder();
const REVISION = 'f9e44c814b77203eaa57a6bdbbd535f21ede1415';
const files = { resolve: (path: string) => resolve(folder(), path) };
/** A cache that holds DINOv2-B, and main of one repository. */
const lookup = (repo: string, revision: string) =>
  (repo === 'facebook/dinov2-base' && revision === REVISION) || (repo === 'me/mine' && revision === 'main')
    ? folder()
    : null;
const locate = (weights: string) => locateWeights(weights, files, lookup);

describe('weights', () => {
  it('are a published id, looked up at its pinned revision', async () => {
    expect(() => locate('dinov2-base')).toThrow(/facebook\/dinov2-base at f9e44c[^]*haste teachers pull dinov2-base/);
    await writeFile(join(folder(), 'model.safetensors'), '');
    const { path, label, published } = locate('dinov2-base');
    expect([path, label, published?.id]).toEqual([join(folder(), 'model.safetensors'), 'dinov2-base', 'dinov2-base']);
  });

  it('are a repository of the hub, which the catalogue may know', () => {
    expect(locate('hf:me/mine')).toEqual({ path: folder(), label: 'me/mine@main', published: null });
    expect(locate(`hf:facebook/dinov2-base@${REVISION}`).published?.id).toBe('dinov2-base');
  });

  it('are a path otherwise; a name that is also an id is meant by ./', async () => {
    await writeFile(join(folder(), 'dinov2-base'), '');
    const path = join(folder(), 'dinov2-base');
    expect(locate('./dinov2-base')).toEqual({ path, label: 'dinov2-base', published: null });
  });

  it.each([
    ['dinov2-large', /facebook\/dinov2-large at 47b73e[^]*haste teachers pull dinov2-large/],
    ['hf:me/other@v2', /me\/other at v2 are not in the cache[^]*haste teachers pull hf:me\/other@v2/],
    ['hf:nobody', /names no repository of the hub/],
    ['dinov2-bsae', /no published encoder has that name[^]*dinov2-base/],
    ['./nowhere.safetensors', /is not there\.[^]*nowhere/],
  ])('that are not here tell how to get them: %s', (weights, message) => {
    expect(() => locate(weights)).toThrow(message);
    expect(() => locate(weights)).toThrow(/WEIGHTS_UNREADABLE/);
  });
});
