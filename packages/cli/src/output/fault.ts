import { isHasteError } from '@hastejs/plugin-api';
import type { Colors } from '../io.js';

/** An error as plain data, for `--json`. */
export interface FaultRecord {
  readonly event: 'error';
  readonly code: string;
  readonly what: string;
  readonly where?: string;
  readonly fix?: string;
}

export function faultRecord(error: unknown): FaultRecord {
  const { code, what, where, fix } = asHasteError(error);
  return { event: 'error', code, what, ...(where !== undefined && { where }), ...(fix !== undefined && { fix }) };
}

/** What, where and how to mend it, on a few lines; the stack only with `debug`. */
export function formatFault(error: unknown, colors: Colors, debug: boolean): string {
  const { code, what, where, fix } = asHasteError(error);
  const lines = [`${colors.red(colors.bold('error'))} ${what} ${colors.dim(`[${code}]`)}`];
  if (where !== undefined) lines.push(field(colors.dim('where:'), where));
  if (fix !== undefined) lines.push(field(colors.dim('fix:  '), fix));
  if (debug) lines.push('', ...stacks(error));
  return `${lines.join('\n')}\n`;
}

function field(name: string, value: string): string {
  return `  ${name} ${value.replaceAll('\n', '\n         ')}`;
}

interface Fault {
  readonly code: string;
  readonly what: string;
  readonly where?: string | undefined;
  readonly fix?: string | undefined;
}

function asHasteError(error: unknown): Fault {
  if (isHasteError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'INTERNAL',
    what: message === '' ? 'Something failed without saying why.' : message,
    fix: 'Haste did not expect this. Run it again with --debug and report what it prints.',
  };
}

function stacks(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const own = error.stack ?? error.message;
  return error.cause === undefined ? [own] : [own, 'caused by:', ...stacks(error.cause)];
}
