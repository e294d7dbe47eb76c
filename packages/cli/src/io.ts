import pc from 'picocolors';

/** The part of a writable stream that the command line needs. */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Where a command reads its surroundings from and writes to: the process, or a test. */
export interface Io {
  /** Results, and with `--json` nothing but JSON lines. */
  readonly out: Stream;
  /** Progress, notices and errors. */
  readonly err: Stream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

export type Colors = ReturnType<typeof pc.createColors>;

/**
 * Colours for one stream. NO_COLOR (any value but the empty one, no-color.org) turns them off, FORCE_COLOR on, otherwise
 * they are for terminals that can show them.
 */
export function colorsFor(stream: Stream, env: Io['env']): Colors {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '' && env['FORCE_COLOR'] !== '0';
  const enabled = env['NO_COLOR'] ? false : forced || isLive(stream, env);
  return pc.createColors(enabled);
}

/** Whether lines of this stream can be redrawn in place. */
export function isLive(stream: Stream, env: Io['env']): boolean {
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}
