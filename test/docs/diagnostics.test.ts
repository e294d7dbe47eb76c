import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtins } from '@hastejs/haste';

const text = readFileSync(join(__dirname, '../../docs/diagnostics.md'), 'utf8');
const metrics = builtins.flatMap(({ extensions }) => extensions.filter(({ kind }) => kind === 'metric'));

it.each(metrics.filter(({ id }) => id !== 'metric/frechet').map((metric) => [metric.id, metric] as const))(
  'has a section on %s, with every option',
  (id, { options }) => {
    const section = new RegExp(`^## ${id}\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(text)?.[1] ?? '';
    expect(section).toContain('Look at it');
    for (const name of Object.keys(options.shape)) expect(section).toContain(`\`${name}\``);
  },
);

it.each(metrics.map((metric) => [metric.id, metric] as const))(
  '%s describes each of its options',
  (_id, { options }) => {
    for (const field of Object.values(options.shape) as { description?: string }[]) {
      expect(field.description).toMatch(/\w{3}/);
    }
  },
);
