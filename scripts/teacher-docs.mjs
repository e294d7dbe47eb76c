// Writes what follows from the code into docs/teachers.md: option tables, published weights, preprocessing, citations. With
// --check it writes nothing, and fails where the document is not current. Needs the build.
import { CATALOGUE, FAMILY_TRANSFORMS, NORMALISATIONS, recipeLine } from '@hastejs/encoders';
import { clip, dino, vit } from '@hastejs/haste';
import { fileURLToPath } from 'node:url';
import { fillDocuments } from './generated/fill.mjs';
import { code, optionsTable, table } from './generated/markdown.mjs';

const DOCUMENT = fileURLToPath(new URL('../docs/teachers.md', import.meta.url));

/** Where a person can look, and what exactly is fetched. */
const place = ({ repo, revision }) =>
  revision === 'main'
    ? `[${repo}](https://huggingface.co/${repo}), not pinned`
    : `[${repo}](https://huggingface.co/${repo}/tree/${revision}) ${code(revision.slice(0, 8))}`;
const licence = ({ licence: name, gated }) => (gated ? `${name}; one must agree to it on the hub` : name);

const published = ({ id }) =>
  table(
    ['recipe line', 'model', 'weights', 'licence'],
    CATALOGUE.filter(({ teacher }) => teacher === id).map((entry) => [
      code(recipeLine(entry)),
      entry.summary,
      place(entry),
      licence(entry),
    ]),
  );

/** Each work once, with the weights that it describes, and terms that need more than a name. */
function citations() {
  const works = new Map(
    CATALOGUE.map(({ citation }) => [citation, CATALOGUE.filter((entry) => entry.citation === citation)]),
  );
  return [...works]
    .map(([citation, entries]) => {
      const terms = [...new Set(entries.flatMap(({ terms: text }) => text ?? []))];
      return `- ${entries.map(({ id }) => code(id)).join(', ')}: ${[citation, ...terms].join('. ')}`;
    })
    .join('\n');
}

const normalisationName = (normalisation) =>
  Object.entries(NORMALISATIONS).find(([, numbers]) => numbers === normalisation)?.[0] ?? 'must be told';

const preprocessing = () =>
  table(
    ['family', 'filter', 'resized to', 'cropped to', 'normalisation'],
    Object.entries(FAMILY_TRANSFORMS).map(([family, { filter, fit, resize, crop, normalisation }]) => [
      code(family),
      filter,
      fit === 'stretch' ? `${resize}×${resize}` : `short side ${resize}`,
      crop === resize && fit === 'stretch' ? '' : `${crop}×${crop}`,
      normalisationName(normalisation),
    ]),
  );

const normalisations = () =>
  table(
    ['', 'mean', 'std'],
    Object.entries(NORMALISATIONS).map(([name, { mean, std }]) => [name, mean.join(', '), std.join(', ')]),
  );

const SECTIONS = {
  ...Object.fromEntries(
    [dino, clip, vit].flatMap((extension) => [
      [`${extension.id} options`, () => optionsTable(extension)],
      [`${extension.id} weights`, () => published(extension)],
    ]),
  ),
  preprocessing,
  normalisations,
  citations,
};

process.exitCode = await fillDocuments([{ file: DOCUMENT, sections: SECTIONS }], {
  check: process.argv.includes('--check'),
  command: 'npm run docs:teachers',
});
