import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { haste } from '#support/haste.js';

it.each(['teacher-self', 'teacher-features'])(
  'the README of %s shows what `haste plugins` says of it',
  async (plugin) => {
    const { stdout } = await haste(['plugins', `@hastejs/${plugin}`], { cwd: __dirname });
    expect(stdout).toContain('option');
    const readme = readFileSync(join(__dirname, '../../plugins', plugin, 'README.md'), 'utf8');
    expect(readme).toContain(`\`\`\`\n${stdout.trim()}\n\`\`\``);
  },
);
