import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CATALOGUE, recipeLine } from '@hastejs/encoders';
import * as haste from '@hastejs/haste';

const ROOT = join(__dirname, '../..');

describe('docs/teachers.md', () => {
  it('has option tables, weights and citations as the code has them (npm run docs:teachers)', () => {
    const script = join(ROOT, 'scripts/teacher-docs.mjs');
    expect(() => execFileSync(process.execPath, [script, '--check'], { cwd: ROOT, stdio: 'pipe' })).not.toThrow();
  });

  it.each(CATALOGUE.map((entry) => [entry.id, entry] as const))(
    'has a recipe line for %s that a recipe takes',
    (_, entry) => {
      const line = recipeLine(entry);
      expect(readFileSync(join(ROOT, 'docs/teachers.md'), 'utf8')).toContain(line);
      const [, factory, id] = /^(\w+)\(\{ weights: '(.+)' \}\)$/.exec(line)!;
      const extension = haste[factory as 'dino'];
      expect(extension.id).toBe(entry.teacher);
      expect(extension.options.safeParse({ weights: id }).success).toBe(true);
      expect(extension.options.shape.family.unwrap().options).toContain(entry.family);
    },
  );
});
