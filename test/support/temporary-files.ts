import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A fresh folder for each test, removed after it, and a way to fill it: `{ 'a/b.txt': 'text' }`. */
export function temporaryFiles(): { root(): string; write(files: Readonly<Record<string, string>>): Promise<void> } {
  let root = '';
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'haste-test-')));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
  return {
    root: () => root,
    write: async (files) => {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(root, name)), { recursive: true });
        await writeFile(join(root, name), text);
      }
    },
  };
}
