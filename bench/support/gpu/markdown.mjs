// The report, as docs/performance.md takes it.

/** @param result {{ device: string, quick: boolean, facts: string[], checks: object[], tables: object[], left: object[] }} */
export function markdown({ device, quick, facts, checks, tables, left }) {
  const title = device === 'cpu' ? 'The GPU command, tried on a processor' : 'On a GPU';
  return [
    `### ${title}${quick ? ' with tiny models' : ''}`,
    facts.map((fact) => `- ${fact}`).join('\n'),
    ...(checks.length > 0 ? [table(['check', '', 'found'], checks.map(checkCells))] : []),
    ...tables.map(({ title: caption, headers, rows }) => `**${caption}**\n\n${table(headers, rows)}`),
    ...(left.length > 0 ? [`Not run: ${left.map(({ what, reason }) => `${what} (${reason})`).join('; ')}.`] : []),
  ].join('\n\n');
}

const WORDS = new Map([
  [true, 'passed'],
  [false, '**FAILED**'],
  [null, 'not here'],
]);

const checkCells = ({ name, ok, detail }) => [name, WORDS.get(ok), detail];

function table(headers, rows) {
  const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(headers), line(headers.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A message of a library may hold anything. */
const cell = (value) => String(value).replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
