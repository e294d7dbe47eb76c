import { VIT_FAMILIES } from '@hastejs/models';
import { NORMALISATIONS } from '../preprocessing/normalisation.js';
import { FAMILY_TRANSFORMS } from '../preprocessing/family-transform.js';
import { CATALOGUE, findPublished, recipeLine } from './catalogue.js';

describe('the catalogue', () => {
  it('has each id, and each repository at a revision, once', () => {
    const unique = (values: readonly string[]) => expect(values).toHaveLength(new Set(values).size);
    unique(CATALOGUE.map(({ id }) => id));
    unique(CATALOGUE.map(({ repo }) => repo));
  });

  it.each(CATALOGUE.map((entry) => [entry.id, entry] as const))('says of %s all that a person needs', (id, entry) => {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(entry.repo).toMatch(/^[\w.-]+\/[\w.-]+$/);
    expect(entry.revision).toMatch(/^(main|[0-9a-f]{40})$/);
    expect(entry.licence).not.toBe('');
    expect(entry.citation).toMatch(/20\d\d/);
    expect(entry.files[0]).toMatch(/\.(safetensors|bin)$/);
    expect(VIT_FAMILIES).toContain(entry.family);
    for (const [file, sum] of Object.entries(entry.sha256 ?? {})) {
      expect(entry.files).toContain(file);
      expect(sum).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it('agrees with the families on how images are normalised', () => {
    for (const { id, family, normalisation } of CATALOGUE) {
      const usual = FAMILY_TRANSFORMS[family].normalisation;
      if (usual) expect([id, NORMALISATIONS[normalisation]]).toEqual([id, usual]);
    }
  });

  it('writes the line of a recipe', () => {
    expect(recipeLine(findPublished('siglip2-base')!)).toBe("clip({ weights: 'siglip2-base' })");
    expect(findPublished('siglip3')).toBeUndefined();
  });
});
