/** The one dynamic import of core, apart so that tests without Node's own module loader can stand in for it. */
export function importModule(url: string): Promise<Record<string, unknown>> {
  return import(url);
}
