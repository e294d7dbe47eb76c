// What a peer must know to build the same training, read off the run itself.
import { resolve } from 'node:path';
import { builtins } from '@hastejs/haste';

/** case.json: sizes, terms, optimizer and phase in plain numbers. */
export function describeCase({ recipe, student, alignment }, { phase }, folder) {
  return {
    phase,
    path: recipe.path,
    student: studentOf(recipe, student.spec),
    teacher: alignment && { path: weightsPath(recipe, folder), grid: gridOf(student.spec) },
    terms: Object.fromEntries(
      Object.entries(recipe.alignment?.terms ?? {}).map(([name, term]) => [name, termOf(term)]),
    ),
    optimizer: recipe.optimizer.with,
    gradientClip: recipe.gradientClip,
    emaDecay: recipe.ema.decay,
  };
}

function studentOf(recipe, { width, blocks, heads, grid, input, classes }) {
  const patch = input.height / grid.height;
  const { mlpRatio } = recipe.student.with;
  return { width, blocks, heads, patch, mlpRatio, channels: input.channels, grid: gridOf({ grid }), classes };
}

const gridOf = ({ grid: { height, width } }) => [height, width];

function termOf({ loss, layers, weight }) {
  const kind = loss.id.replace('loss/', '');
  return { kind, weight, pairs: layers.with.pairs, ...(kind === 'feature' && { hidden: loss.with.hidden }) };
}

/** As a run resolves it: `haste:<name>` is a file that a plugin ships. */
function weightsPath({ alignment }, folder) {
  const { weights } = alignment.teacher.with;
  const shipped = Object.assign({}, ...builtins.map(({ assets }) => assets));
  return weights.startsWith('haste:') ? shipped[weights.slice('haste:'.length)] : resolve(folder, weights);
}
