import type { Replay, RunLog } from '@hastejs/trainer';
import type { Point } from './curve.js';
import { ERROR, namesOf, pointsOf } from './points.js';
import { type Mark, type Panel, svgOf } from './svg.js';

/** What the triggers watched, over the steps of the run, and where each would have fired. Without watchers, what aligned. */
export function replayPlot(log: RunLog, replays: readonly (Replay & { readonly name: string })[]): string {
  const watched = [...new Set(replays.flatMap(({ watches }) => watches))].filter((name) => !isError(name, replays));
  const shown = watched.length > 0 ? watched : namesOf(log).filter((name) => name.startsWith('align/'));
  const panels = shown.map((name): Panel => ({ title: name, points: pointsOf(log, name) }));
  const fading = replays.filter(({ factors }) => factors.length > 0);
  const ramps = fading.map((one): Panel => ({ title: `weight left by ${one.name}`, points: rampOf(one) }));
  const marks = replays.map(({ name, fired }): Mark => ({
    x: fired?.step ?? null,
    label: fired ? `${name}: step ${fired.step}` : `${name}: not fired`,
  }));
  return svgOf([...panels, ...ramps], marks, log.last);
}

/** The standard error of a value is drawn with it. */
const isError = (name: string, replays: readonly Replay[]): boolean =>
  name.endsWith(ERROR) && replays.some(({ watches }) => watches.includes(name.slice(0, -ERROR.length)));

/** From full weight down to nothing. */
function rampOf({ factors, fired }: Replay): Point[] {
  const points = factors.map(([x, y]): Point => ({ x, y }));
  return [{ x: 0, y: 1 }, { x: factors[0]![0] - 1, y: 1 }, ...points, ...(fired ? [{ x: fired.step, y: 0 }] : [])];
}
