import { type Colors, type Io, colorsFor } from '../io.js';
import { faultRecord, formatFault } from './fault.js';

/** What a command tells: to people as text, or with `--json` to machines as one JSON object a line on stdout. */
export class Output {
  readonly colors: Colors;
  /** Where notices go while a progress line is on the screen, so that they do not end up inside it. */
  board: { note(line: string): void } | null = null;

  constructor(
    private readonly io: Io,
    readonly json: boolean,
    private readonly debug = false,
  ) {
    this.colors = colorsFor(io.out, io.env);
  }

  /** Lines of a result, for people. */
  say(...lines: readonly string[]): void {
    if (!this.json) this.io.out.write(lines.map((line) => `${line}\n`).join(''));
  }

  /** One record, for machines. */
  record(event: string, data: object = {}): void {
    if (this.json) this.io.out.write(`${JSON.stringify({ event, ...data })}\n`);
  }

  /** Something worth knowing that is not a result. */
  notice(level: 'info' | 'warning', message: string): void {
    if (this.json) return this.record('notice', { level, message });
    const colors = colorsFor(this.io.err, this.io.env);
    const line = `${level === 'warning' ? colors.yellow('warning') : colors.dim('note')} ${message}`;
    if (this.board) this.board.note(line);
    else this.io.err.write(`${line}\n`);
  }

  /** Errors go to stderr for people in both cases, and to stdout for machines. */
  fault(error: unknown): void {
    if (this.json) this.io.out.write(`${JSON.stringify(faultRecord(error))}\n`);
    this.io.err.write(formatFault(error, colorsFor(this.io.err, this.io.env), this.debug));
  }
}
