// Writes what follows from the code into docs/teachers.md: option tables, published weights, preprocessing, citations. With
// --check it writes nothing, and fails where the document is not current. Needs the build.
import { CATALOGUE, FAMILY_TRANSFORMS, NORMALISATIONS, recipeLine } from '@hastejs/encoders';
import { clip, dino, vit } from '@hastejs/haste';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { optionRows } from '../packages/cli/dist/output/option-table.js';

const DOCUMENT = fileURLToPath(new URL('../docs/teachers.md', import.meta.url));

/** A table of Markdown; bars inside cells would end them. */
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');
const cell = (text) => String(text).replaceAll('|', '\\|');
const code = (text) => `\`${text}\``;

const options = ({ options: schema }) =>
  table(
    ['option', 'type', 'default', ''],
    optionRows(schema.toJSONSchema({ io: 'input' })).map(({ name, type, value, about }) => [
      code(name),
      code(type),
      value === 'required' || value === 'optional' ? value : code(value),
      about,
    ]),
  );

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
      [`${extension.id} options`, () => options(extension)],
      [`${extension.id} weights`, () => published(extension)],
    ]),
  ),
  preprocessing,
  normalisations,
  citations,
};

/** The document with every generated part made anew. */
async function render(text) {
  const marked = /(<!-- generated: (.+?) -->\n)[^]*?(<!-- end -->)/g;
  const seen = new Set();
  const filled = text.replace(marked, (_, begin, name, end) => {
    if (!SECTIONS[name]) throw new Error(`docs/teachers.md asks for '${name}', which nothing generates.`);
    seen.add(name);
    return `${begin}\n${SECTIONS[name]()}\n\n${end}`;
  });
  const missing = Object.keys(SECTIONS).filter((name) => !seen.has(name));
  if (missing.length > 0) throw new Error(`docs/teachers.md has no place for ${missing.join(', ')}.`);
  return format(filled, { ...(await resolveConfig(DOCUMENT)), filepath: DOCUMENT });
}

const before = readFileSync(DOCUMENT, 'utf8');
const after = await render(before);
if (process.argv.includes('--check')) {
  if (after !== before) console.error('docs/teachers.md is not current. Run: npm run docs:teachers');
  process.exitCode = after === before ? 0 : 1;
} else writeFileSync(DOCUMENT, after);
