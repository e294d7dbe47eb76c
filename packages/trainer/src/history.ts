/** A curve as two equally long lists. */
export interface Curve {
  readonly step: number[];
  readonly value: number[];
}

interface Bin {
  count: number;
  step: number;
  sum: number;
}

export interface HistoryState {
  readonly width: number;
  readonly curves: Readonly<Record<string, readonly (readonly [step: number, count: number, sum: number])[]>>;
}

/** Bins a curve may have before neighbours are merged: enough for a plot, small enough for every checkpoint. */
const MOST_BINS = 512;

/**
 * Loss curves at bounded resolution: means over bins of `width` steps. When a curve outgrows its bins the width doubles,
 * so a run of any length costs the same to keep and to save. A pure function of the values seen, hence exact on resume.
 */
export class History {
  private width: number;
  private readonly curves = new Map<string, Bin[]>();

  constructor(state?: HistoryState) {
    this.width = state?.width ?? 1;
    for (const [name, bins] of Object.entries(state?.curves ?? {})) {
      this.curves.set(
        name,
        bins.map(([step, count, sum]) => ({ step, count, sum })),
      );
    }
  }

  /** @param step number of completed steps. */
  add(step: number, values: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(values)) {
      const bins = this.curves.get(name) ?? [];
      this.curves.set(name, bins);
      this.put(bins, { step, count: 1, sum: value });
      if (bins.length > MOST_BINS) this.coarsen();
    }
  }

  /** Mean of each bin, at the last step of the bin. */
  curvesByName(): Record<string, Curve> {
    return Object.fromEntries(
      [...this.curves].map(([name, bins]) => [
        name,
        { step: bins.map(({ step }) => step), value: bins.map(({ sum, count }) => sum / count) },
      ]),
    );
  }

  state(): HistoryState {
    const plain = [...this.curves].map(([name, bins]) => [
      name,
      bins.map(({ step, count, sum }) => [step, count, sum]),
    ]);
    return { width: this.width, curves: Object.fromEntries(plain) };
  }

  private put(bins: Bin[], next: Bin): void {
    const last = bins.at(-1);
    if (last && this.binOf(last.step) === this.binOf(next.step)) {
      last.step = next.step;
      last.count += next.count;
      last.sum += next.sum;
    } else {
      bins.push(next);
    }
  }

  private binOf(step: number): number {
    return Math.floor((step - 1) / this.width);
  }

  private coarsen(): void {
    this.width *= 2;
    for (const [name, bins] of this.curves) {
      const merged: Bin[] = [];
      for (const bin of bins) this.put(merged, bin);
      this.curves.set(name, merged);
    }
  }
}
