import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES } from '@hastejs/plugin-api';

it('documents every error code with the words of the catalogue, and no other', () => {
  const text = readFileSync(join(__dirname, '../../docs/errors.md'), 'utf8');
  const documented = Object.fromEntries(
    [...text.matchAll(/^- `([A-Z_]+)`: (.+)$/gm)].map(([, code, meaning]) => [code, meaning]),
  );
  expect(documented).toEqual(ERROR_CODES);
});
