import { HasteError, type Kind, type RefInput } from '@hastejs/plugin-api';
import { parseDocument } from 'yaml';
import { aKind } from './kind-words.js';

/**
 * A reference as it is written on a command line: an id, or YAML or JSON on one line, `{ id: trigger/fixed, with: { step: 9 } }`.
 * What it names is checked where it is used.
 * @throws HasteError USAGE when it is neither.
 */
export function parseRef<K extends Kind>(kind: K, text: string): RefInput<K> {
  const document = parseDocument(text, { prettyErrors: false });
  const value: unknown = document.errors.length > 0 ? undefined : document.toJS();
  if (typeof value === 'string' && value.includes('/')) return value;
  if (typeof value === 'object' && value !== null && 'id' in value) return value as RefInput<K>;
  throw new HasteError('USAGE', {
    what: `"${text}" is not ${aKind(kind)}.`,
    where: document.errors[0]?.message ?? 'it needs an id',
    fix: `Write an id, or an object in quotes: '{ id: ${kind}/name, with: { option: 1 } }'. \`haste plugins\` lists what there is.`,
  });
}
