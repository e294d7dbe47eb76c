import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtins } from '@hastejs/haste';

const text = readFileSync(join(__dirname, '../../docs/alignment-losses.md'), 'utf8');
const losses = builtins.flatMap(({ extensions }) => extensions.filter(({ kind }) => kind === 'alignmentLoss'));

it.each(losses.map((loss) => [loss.id, loss] as const))(
  'has a section on %s with its source, when to use it, and every option',
  (id, { options }) => {
    const section = new RegExp(`^## ${id}\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(text)?.[1] ?? '';
    expect(section).toMatch(/^(Sources?:|No paper)/m);
    expect(section).toMatch(/\bUse it\b/);
    for (const [name, field] of Object.entries(options.shape) as [string, { description?: string }][]) {
      expect(section).toMatch(new RegExp(`\`${name}\`|[{ ]${name}[,: ]`));
      expect(field.description).toMatch(/\w{3}/);
    }
  },
);
