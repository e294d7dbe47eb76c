import type { Recipe } from '@hastejs/core';
import { HasteError, type Ref } from '@hastejs/plugin-api';
import { join } from 'node:path';
import { checkpointName } from '../checkpoint/format.js';

/** After how many steps alignment ends, or that it never does. */
export type Stop = number | 'never';

/** One run of a study. */
export interface Arm {
  readonly stop: Stop;
  /** Folder of the run, within that of the study. */
  readonly name: string;
  /** Not yet resolved: the end of phase I and the length are its own. */
  readonly recipe: Recipe;
  /** The checkpoint that it begins from; null: it begins by itself. */
  readonly from: string | null;
  /** Steps that it trains itself. */
  readonly steps: number;
}

/** A study of stopping points: what all of them share, once, and every one of them. */
export interface SweepPlan {
  /** Phase I, trained as far as anybody needs it: the arm that never stops, if there is one. */
  readonly trunk: Arm | null;
  /** In the order given, without repetition; `never` is the trunk. */
  readonly arms: readonly Arm[];
  /** Steps to be trained, and what the arms would cost one by one. */
  readonly steps: { readonly trained: number; readonly alone: number };
}

/**
 * Plans a study: the trunk aligns without end and keeps a checkpoint at every stopping point; each arm is a fork from there.
 * @throws HasteError USAGE for stops that are none.
 */
export function planSweep(recipe: Recipe, wanted: readonly Stop[], folder: string): SweepPlan {
  const stops = [...new Set(wanted)];
  checkStops(recipe, stops);
  const points = stops.filter((stop) => stop !== 'never').toSorted((a, b) => a - b);
  const trunk = trunkOf(recipe, points, stops.includes('never'));
  const arms = stops.map((stop): Arm => {
    if (stop === 'never') return trunk!;
    const name = `stop-${stop}`;
    const from = stop === 0 ? null : join(folder, trunk!.name, 'checkpoints', checkpointName(stop));
    return { stop, name, recipe: ended(recipe, name, stop), from, steps: recipe.steps - stop };
  });
  const own = new Set([...(trunk ? [trunk] : []), ...arms]);
  const trained = [...own].reduce((sum, { steps }) => sum + steps, 0);
  return { trunk, arms, steps: { trained, alone: stops.length * recipe.steps } };
}

function trunkOf(recipe: Recipe, points: readonly number[], never: boolean): Arm | null {
  const last = points.at(-1) ?? 0;
  if (!never && last === 0) return null;
  const name = never ? 'never' : 'trunk';
  const steps = never ? recipe.steps : last;
  const checkpoints = { ...recipe.checkpoints, at: points.filter((point) => point > 0) };
  return { stop: 'never', name, recipe: { ...ended(recipe, name, 'never'), steps, checkpoints }, from: null, steps };
}

/** The recipe with phase I ending after `stop` steps. */
function ended(recipe: Recipe, name: string, stop: Stop): Recipe {
  const { until: _own, ...alignment } = recipe.alignment!;
  const until: Ref<'trigger'> = { kind: 'trigger', id: 'trigger/fixed', with: { step: stop } };
  return {
    ...recipe,
    name: `${recipe.name}-${name}`.slice(-100).replace(/^[^A-Za-z0-9]+/, ''),
    alignment: stop === 'never' ? alignment : { ...alignment, until },
  };
}

function checkStops({ alignment, steps }: Recipe, stops: readonly Stop[]): void {
  const wrong = stops.filter((stop) => stop !== 'never' && (!Number.isInteger(stop) || stop < 0 || stop > steps));
  if (alignment && stops.length > 0 && wrong.length === 0) return;
  throw new HasteError('USAGE', {
    what: !alignment
      ? 'The recipe has no alignment, so there is nothing to stop.'
      : stops.length === 0
        ? 'A study needs at least one stopping point.'
        : `The run has ${steps} steps; it cannot stop aligning after ${wrong.join(', ')}.`,
    where: 'stops',
    fix: 'Give whole numbers of steps within the run, or `never`, for example 100,200,never.',
  });
}
