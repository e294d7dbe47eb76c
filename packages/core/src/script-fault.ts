import type { Message } from 'esbuild';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reasonOf } from './reason.js';

/** A script that could not be bundled or threw while it was loaded: in the words of the script, never of its bundle. */
export class ScriptFault extends Error {
  constructor(
    message: string,
    /** `file:line:column` where known, else the file. */
    readonly where: string,
    readonly fix: string | undefined,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

/** Syntax errors and relative imports that lead nowhere. */
export function bundleFault(path: string, error: unknown): ScriptFault {
  const messages = (error as { errors?: Message[] }).errors;
  if (!messages?.length) return new ScriptFault(reasonOf(error), path, undefined, error);
  const places = messages.map(({ location }) =>
    location ? `${resolve(dirname(path), location.file)}:${location.line}:${location.column + 1}` : path,
  );
  const reasons = messages.map(({ text }) => text).join('; ');
  return new ScriptFault(reasons, [...new Set(places)].join('\n'), undefined, error);
}

interface Bundle {
  /** The URL that Node loaded the bundle under. */
  readonly url: string;
  readonly map: string;
}

/** An error of a bundle that was being loaded. */
export function loadFault(path: string, { url, map }: Bundle, error: unknown): ScriptFault {
  const { stack, code } = (typeof error === 'object' && error !== null ? error : {}) as NodeJS.ErrnoException;
  const message = reasonOf(error).replaceAll(url, path).replaceAll(fileURLToPath(url), path);
  const position = stack?.split(url)[1]?.match(/^:(\d+)(?::(\d+))?/);
  const where = position
    ? original(path, map, Number(position[1]), Number(position[2] ?? 1))
    : [placeOf(stack), path].filter((place) => place !== null).join(', imported by ');
  const [, missing] = /^Cannot find package '([^']+)'/.exec(message) ?? [];
  const absent = code === 'ERR_MODULE_NOT_FOUND' && missing !== undefined;
  const fix = absent ? `Run npm install ${missing} in ${dirname(path)}.` : undefined;
  return new ScriptFault(message, where, fix, error);
}

/** The innermost file of somebody's that a stack names, as `file:line:column`: of a package that threw while it was imported. */
function placeOf(stack: string | undefined): string | null {
  const [, place] = /^ +at .*?\(?file:\/\/(\/[^()]+:\d+:\d+)\)?$/m.exec(stack ?? '') ?? [];
  return place === undefined ? null : decodeURI(place);
}

/** Where in the sources a place of the bundle came from. Lines and columns count from 1. */
function original(path: string, map: string, line: number, column: number): string {
  const entry = new SourceMap(JSON.parse(map) as SourceMapPayload).findEntry(line - 1, column - 1);
  if (!('originalSource' in entry)) return path;
  const file = resolve(dirname(path), entry.originalSource);
  return `${file}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}
