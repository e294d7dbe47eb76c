/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Prints a title and rows under headers: the first column left-aligned, the others right-aligned unless told otherwise. */
export function table(title, headers, rows, align = 'right') {
  const lines = [headers, ...rows];
  const widths = headers.map((_, i) => Math.max(...lines.map((line) => String(line[i]).length)));
  const left = (i) => i === 0 || align === 'left';
  const pad = (cell, i) => (left(i) ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]));
  console.log(`\n${title}\n`);
  for (const line of lines) console.log(`  ${line.map(pad).join('  ').trimEnd()}`);
  console.log();
}
