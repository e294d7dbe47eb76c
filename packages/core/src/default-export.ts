/**
 * What a module exports by default, `none` when it does not. A CommonJS file that was compiled from a module keeps its default
 * inside what it exports, and only says so by a mark.
 */
export function defaultExport(exports: Readonly<Record<string, unknown>>): { readonly value: unknown } | 'none' {
  if (!('default' in exports)) return 'none';
  const { default: value } = exports;
  const isModule = typeof value === 'object' && value !== null && '__esModule' in value;
  if (!isModule) return { value };
  return 'default' in value ? { value: value.default } : 'none';
}
