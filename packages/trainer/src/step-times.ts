export interface StepTimesState {
  readonly aligning: readonly number[];
  readonly free: readonly number[];
}

export interface StepTimeSummary {
  /** Seconds. */
  readonly median: number;
  readonly count: number;
}

/** How many recent steps of each phase the median is taken over. */
const WINDOW = 1024;

/** Wall-clock seconds a step, by phase. */
export class StepTimes {
  private readonly seconds: Record<'aligning' | 'free', number[]>;

  constructor(state?: StepTimesState) {
    this.seconds = { aligning: [...(state?.aligning ?? [])], free: [...(state?.free ?? [])] };
  }

  add(phase: 'aligning' | 'free', seconds: number): void {
    const list = this.seconds[phase];
    list.push(seconds);
    if (list.length > WINDOW) list.shift();
  }

  summary(): { aligning: StepTimeSummary | null; free: StepTimeSummary | null } {
    return { aligning: summarise(this.seconds.aligning), free: summarise(this.seconds.free) };
  }

  state(): StepTimesState {
    return { aligning: [...this.seconds.aligning], free: [...this.seconds.free] };
  }
}

function summarise(seconds: readonly number[]): StepTimeSummary | null {
  if (seconds.length === 0) return null;
  const sorted = seconds.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)]!, count: sorted.length };
}
