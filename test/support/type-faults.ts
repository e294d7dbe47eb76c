import { join } from 'node:path';
import ts from 'typescript';

export interface TypeFault {
  /** Index of the source. */
  readonly source: number;
  readonly message: string;
}

/**
 * Compiles sources that exist in memory only, strictly, as if each were a file at its path.
 * @param root of the repository.
 */
export function typeFaults(root: string, sources: readonly { path: string; text: string }[]): TypeFault[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const quiet = {
    ...options,
    composite: false,
    noEmit: true,
    declaration: false,
    declarationMap: false,
    incremental: false,
  };
  delete quiet.tsBuildInfoFile;
  const texts = new Map(sources.map(({ path, text }) => [path, text]));
  const host = ts.createCompilerHost(quiet);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  host.getSourceFile = (path, version, ...rest) => {
    const text = texts.get(path);
    return text === undefined ? getSourceFile(path, version, ...rest) : ts.createSourceFile(path, text, version, true);
  };
  const program = ts.createProgram([...texts.keys()], quiet, host);
  return sources.flatMap(({ path }, source) => {
    const file = program.getSourceFile(path)!;
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return found.map(({ messageText }) => ({ source, message: ts.flattenDiagnosticMessageText(messageText, ' ') }));
  });
}
