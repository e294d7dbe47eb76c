// Markdown that follows from the code, for every document that has some.
import { optionRows } from '../../packages/cli/dist/output/option-table.js';

/** A table; bars inside cells would end them. */
export const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');
const cell = (text) => String(text).replaceAll('|', '\\|');

export const code = (text) => `\`${text}\``;

export const fence = (language, text) => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;

/** The options of an extension as people write them. */
export function optionsTable({ options: schema }) {
  const rows = optionRows(schema.toJSONSchema({ io: 'input' }));
  if (rows.length === 0) return 'It has no options.';
  return table(
    ['option', 'type', 'default', ''],
    rows.map(({ name, type, value, about }) => [
      code(name),
      code(type),
      value === 'required' || value === 'optional' ? value : code(value),
      about,
    ]),
  );
}
