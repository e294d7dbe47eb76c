// Documents in which parts are generated: `<!-- generated: <name> -->` … `<!-- end -->`.
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { REPOSITORY } from '../workspaces.mjs';

const MARKED = /(<!-- generated: (.+?) -->\n)[^]*?(<!-- end -->)/g;

/**
 * The document with every generated part made anew.
 * @param {string} file
 * @param {string} text what it is now.
 * @param {Record<string, () => string>} sections by name; each must have its place in the document.
 */
async function filled(file, text, sections) {
  const name = relative(REPOSITORY, file);
  const seen = new Set();
  const made = text.replace(MARKED, (_, begin, section, end) => {
    if (!sections[section]) throw new Error(`${name} asks for '${section}', which nothing generates.`);
    seen.add(section);
    return `${begin}\n${sections[section]()}\n\n${end}`;
  });
  const missing = Object.keys(sections).filter((section) => !seen.has(section));
  if (missing.length > 0) {
    const places = missing.map((section) => `<!-- generated: ${section} --><!-- end -->`).join(' ');
    throw new Error(
      `${name} has no place for ${missing.join(', ')}: write ${places}, the second on a line of its own.`,
    );
  }
  return format(made, { ...(await resolveConfig(file)), filepath: file });
}

/**
 * Fills documents in place; with `check` writes nothing.
 * @param {{ file: string, sections: Record<string, () => string> }[]} documents
 * @param {{ check: boolean, command: string }} how `command`: what a person runs to have them filled.
 * @returns {Promise<number>} an exit code: 1 where a document is not, or cannot be, what it should.
 */
export async function fillDocuments(documents, { check, command }) {
  const faults = [];
  for (const { file, sections } of documents) {
    try {
      const before = readFileSync(file, 'utf8');
      const after = await filled(file, before, sections);
      if (after === before) continue;
      if (check) faults.push(`${relative(REPOSITORY, file)} is not current. Run: ${command}`);
      else writeFileSync(file, after);
    } catch (error) {
      faults.push(error.message);
    }
  }
  for (const fault of faults) console.error(fault);
  return faults.length === 0 ? 0 : 1;
}
