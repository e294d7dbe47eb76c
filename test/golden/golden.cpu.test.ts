import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { REQUIRED } from './checkers/index.js';
import { goldenFolder } from './runner/folder.js';
import { goldenSuite } from './runner/suite.js';

goldenSuite('cpu', { belongs: (name) => !name.startsWith('haste_loss') });

const { path, cases, required } = goldenFolder();
(required ? it : it.skip)(
  'golden vectors are whole: every kind, and every file of their list (where they must be)',
  () => {
    expect(REQUIRED.filter((kind) => !cases.some((name) => name.startsWith(kind)))).toEqual([]);
    const list = JSON.parse(readFileSync(join(path, 'MANIFEST.json'), 'utf8')) as { files: object };
    const there = readdirSync(path);
    expect(Object.keys(list.files).filter((file) => !there.includes(file))).toEqual([]);
  },
);
