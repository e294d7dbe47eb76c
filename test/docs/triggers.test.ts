import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PUBLISHED_STOPS, builtins } from '@hastejs/haste';

const text = readFileSync(join(__dirname, '../../docs/triggers.md'), 'utf8');
const triggers = builtins.flatMap(({ extensions }) => extensions.filter(({ kind }) => kind === 'trigger'));

it.each(triggers.map((trigger) => [trigger.id, trigger] as const))(
  'says when to use %s, with every option',
  (id, { options }) => {
    const section = new RegExp(`^## ${id}\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(text)?.[1];
    if (section === undefined) expect(text).toContain(`\`${id}\``);
    for (const name of Object.keys(options.shape)) expect(section ?? text).toContain(name);
  },
);

it("has the paper's stopping points", () => {
  for (const step of Object.values(PUBLISHED_STOPS)) expect(text).toContain(step.toLocaleString('en'));
});
