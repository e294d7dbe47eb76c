import { type Colors, type Io, colorsFor, isLive } from '../io.js';
import { type ProgressView, renderBar, renderLine } from './line.js';
import { RateWindow } from './rate.js';

/** Redrawing more often than this only flickers. */
const REDRAW_SECONDS = 0.1;
/** One plain line this often where lines cannot be redrawn. */
const LINE_SECONDS = 10;
const ERASE_LINE = '\r\u001B[2K';
const ERASE_TO_END = '\u001B[K';

/**
 * Shows how far a task is: one line redrawn in place on a terminal, a plain line every ten seconds elsewhere. It has no
 * timer: a step that blocks the thread would stop it anyway.
 */
export class Progress {
  private readonly rate = new RateWindow();
  private readonly live: boolean;
  private readonly colors: Colors;
  private shownAt = -Infinity;
  private view: ProgressView | null = null;
  private drawn = false;

  constructor(
    private readonly io: Pick<Io, 'err' | 'env'>,
    private readonly now: () => number = () => performance.now() / 1000,
  ) {
    this.live = isLive(io.err, io.env);
    this.colors = colorsFor(io.err, io.env);
  }

  /** Begins a task of `total` steps (or images) of which `done` are already made. */
  start(label: string, done: number, total: number, unit = 'step'): void {
    this.view = { label, done, total, unit, perSecond: null, details: [] };
    this.rate.reset(this.now(), done);
    this.shownAt = this.live ? -Infinity : this.now();
    if (this.live) this.show();
  }

  update(done: number, details: readonly string[] = []): void {
    if (!this.view) return;
    const now = this.now();
    this.rate.add(now, done);
    this.view = { ...this.view, done, details, perSecond: this.rate.perSecond() };
    const due = now - this.shownAt >= (this.live ? REDRAW_SECONDS : LINE_SECONDS);
    if (due || done >= this.view.total) this.show();
  }

  /** The speed is about to change: what was measured does not tell the time left any more. */
  newPace(): void {
    if (this.view) this.rate.reset(this.now(), this.view.done);
  }

  /** A line that stays, above the bar. */
  note(line: string): void {
    this.io.err.write(`${this.drawn ? ERASE_LINE : ''}${line}\n`);
    this.drawn = false;
    if (this.live && this.view) this.show();
  }

  /** Leaves the last state on the screen and goes to the next line. Harmless when nothing is shown. */
  end(): void {
    if (this.drawn) {
      this.show();
      this.io.err.write('\n');
    }
    this.drawn = false;
    this.view = null;
  }

  private show(): void {
    if (!this.view) return;
    this.shownAt = this.now();
    if (this.live) {
      // One column stays free: a full line would wrap on some terminals. A pseudo-terminal may not know its width: 0.
      const width = (this.io.err.columns || 80) - 1;
      this.io.err.write(`\r${renderBar(this.view, width, this.colors)}${ERASE_TO_END}`);
      this.drawn = true;
    } else {
      this.io.err.write(`${renderLine(this.view)}\n`);
    }
  }
}
