import { cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Host, RecipeInput } from '@hastejs/core';
import { writePng } from '@hastejs/data';
import { imageFolder } from '@hastejs/haste';
import { rng } from '@hastejs/tensor';
import { cacheTeachers } from '@hastejs/trainer';
import { TOY_RECIPE } from '#support/toy-recipe.js';
import { temporaryFolder, toyHost } from '#support/toy-run.js';

const SHIPPED = join(__dirname, '../../packages/haste/assets/fashion-mnist-teacher.safetensors');

const folder = temporaryFolder();
const notes: string[] = [];
let host: Host;
beforeAll(async () => {
  host = await toyHost({ info: (message) => notes.push(message), warn: () => undefined });
});
afterAll(() => host.close());

/** A vision transformer's weights and images of one's own, so that either can be changed. */
async function begin(name: string): Promise<{ weights: string; photos: string; recipe: RecipeInput }> {
  const [weights, photos] = [folder.path(name, 'vit.safetensors'), folder.path(name, 'photos')];
  await mkdir(photos, { recursive: true });
  await cp(SHIPPED, weights);
  for (let index = 0; index < 6; index++) await draw(photos, index, 64);
  const alignment = {
    ...TOY_RECIPE.alignment,
    teacher: { id: 'teacher/dino', with: { weights } },
    cache: { dir: folder.path(name, 'cache') },
  };
  const data = imageFolder({ dir: photos, size: 28, channels: 1 });
  return { weights, photos, recipe: { ...TOY_RECIPE, data, alignment } };
}

async function draw(photos: string, index: number, brightest: number): Promise<void> {
  const path = `${photos}/${index % 2 ? 'odd' : 'even'}/${index}.png`;
  await mkdir(dirname(path), { recursive: true });
  const data_HWC = Uint8Array.from(rng(index).integers(28 * 28, brightest));
  await writePng(path, { channels: 1, height: 28, width: 28, data_HWC });
}

/** Fills the cache. @returns how many images were computed, and in what older caches differ. */
async function fill(recipe: RecipeInput): Promise<{ computed: number; told: string[] }> {
  notes.length = 0;
  const [filled] = await cacheTeachers({ host, recipe: host.resolve(recipe), baseDir: folder.path() });
  const told = notes.map((note) => /differs in (.*)\. Remove/.exec(note)![1]!);
  return { computed: filled!.images - filled!.done, told };
}

describe('a cache is invalid when what its numbers follow from changes', () => {
  it('and valid while nothing of that does: steps, batch size, learning rate, terms that take the same', async () => {
    const { recipe } = await begin('same');
    expect(await fill(recipe)).toEqual({ computed: 6, told: [] });
    expect(await fill({ ...recipe, name: 'other', seed: 9, steps: 99, batchSize: 5 })).toEqual({
      computed: 0,
      told: [],
    });
  });

  it('weights: another file under the same name', async () => {
    const { recipe, weights } = await begin('weights');
    await fill(recipe);
    const bytes = await readFile(weights);
    // The lowest bit of the last weight.
    bytes[bytes.length - 4]! ^= 1;
    await writeFile(weights, bytes);
    expect(await fill(recipe)).toEqual({ computed: 6, told: [expect.stringMatching(/^contents \(/)] });
  });

  it('preprocessing: an option of the teacher, or the grid that it fits its images to', async () => {
    const { recipe, weights } = await begin('preprocessing');
    await fill(recipe);
    const teacher = { id: 'teacher/dino', with: { weights, normalisation: { mean: [0.5], std: [0.25] } } };
    const { computed, told } = await fill({ ...recipe, alignment: { ...recipe.alignment!, teacher } });
    expect([computed, told]).toEqual([6, [expect.stringContaining('teacher.with.normalisation')]]);
    const finer = { id: 'student/sit', with: { hiddenSize: 32, depth: 2, numHeads: 2, patchSize: 4 } };
    expect((await fill({ ...recipe, student: finer })).told[0]).toMatch(/grid\.height \(4 then, 7 now\)/);
  });

  it('data: another image, or another form of the same ones', async () => {
    const { recipe, photos } = await begin('data');
    await fill(recipe);
    await draw(photos, 5, 200);
    const redrawn = await fill(recipe);
    expect([redrawn.computed, redrawn.told]).toEqual([6, [expect.stringContaining('data.fingerprint')]]);
    const flipped = { ...recipe, data: imageFolder({ dir: photos, size: 28, channels: 1, flip: true }) };
    const { computed, told } = await fill(flipped);
    expect(computed).toBe(12);
    expect(told).toHaveLength(2);
    for (const differences of told) expect(differences).toContain('data.variants');
    expect(await readdir(folder.path('data', 'cache'))).toHaveLength(3);
  });
});
