import type { Io, Stream } from '../../packages/cli/src/io.js';

/** A stream that remembers what was written to it. */
export class Capture implements Stream {
  text = '';

  constructor(
    readonly isTTY = false,
    readonly columns?: number,
  ) {}

  write(text: string): boolean {
    this.text += text;
    return true;
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

export interface CapturedIo extends Io {
  readonly out: Capture;
  readonly err: Capture;
}

/** Surroundings for a test: not a terminal unless `columns` says how wide it is. */
export function captureIo({
  columns,
  env = {},
  cwd = '/',
}: { columns?: number; env?: Io['env']; cwd?: string } = {}): CapturedIo {
  const stream = () => new Capture(columns !== undefined, columns);
  return { out: stream(), err: stream(), env, cwd };
}

/** What a terminal shows of a line that was redrawn: the text after the last carriage return, without escapes. */
export function onScreen(text: string): string[] {
  return text.split('\n').map((line) => plain(line.slice(line.lastIndexOf('\r') + 1)));
}

export function plain(text: string): string {
  return text.replace(/\u001B\[[0-9;]*[A-Za-z]/g, '');
}
