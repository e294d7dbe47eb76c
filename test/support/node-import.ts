/**
 * Node's own `import()`, from the test environment. Stands in for core's in tests of what a real process imports:
 * `jest.mock('./import-module.js', () => ({ importModule: importInNode }))`.
 */
export const importInNode = (globalThis as unknown as { importInNode(url: string): Promise<Record<string, unknown>> })
  .importInNode;
