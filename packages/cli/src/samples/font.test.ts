import { GLYPH, glyph } from './font.js';

const DRAWN = " ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/.,&()'+:?";

describe('the label font', () => {
  it.each([...DRAWN])('draws %p in full', (character) => {
    const rows = glyph(character);
    expect(rows).toHaveLength(GLYPH.height);
    for (const row of rows) expect(row).toMatch(/^[.#]{5}$/);
  });

  it('draws no two characters alike', () => {
    expect(new Set([...DRAWN].map((character) => glyph(character).join())).size).toBe(DRAWN.length);
  });

  it('reads small letters as capitals, drops accents and marks what it lacks', () => {
    expect(glyph('e')).toEqual(glyph('E'));
    expect(glyph('é')).toEqual(glyph('E'));
    expect(glyph('猫')).toEqual(glyph('?'));
  });
});
