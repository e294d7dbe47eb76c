/** Steps a second over the last `span` seconds, so that a new phase or a busy machine shows soon. */
export class RateWindow {
  private marks: { readonly seconds: number; readonly done: number }[] = [];

  constructor(private readonly span = 20) {}

  /** Forgets what was seen: the speed is about to change. */
  reset(seconds: number, done: number): void {
    this.marks = [{ seconds, done }];
  }

  add(seconds: number, done: number): void {
    this.marks.push({ seconds, done });
    // Two marks always stay: a step may take longer than the span.
    while (this.marks.length > 2 && this.marks[1]!.seconds < seconds - this.span) this.marks.shift();
  }

  /** Null until there is something to divide. */
  perSecond(): number | null {
    const first = this.marks[0];
    const last = this.marks.at(-1);
    if (!first || !last || last.done <= first.done || last.seconds <= first.seconds) return null;
    return (last.done - first.done) / (last.seconds - first.seconds);
  }
}
