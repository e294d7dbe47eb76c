import { type Params, tf } from '@hastejs/tensor';
import { must } from '../contract/contract-fault.js';
import { dataDistance, isFiniteTensor } from '../measure/tensors.js';
import { count } from '../measure/words.js';

/** Holds fresh parameters to being float32, finite, fresh and the same for the same rng. @param make draws from one seed. */
export function mustBeginAlike(make: () => Params): void {
  const before = tf.memory().numTensors;
  const one = make();
  const left = tf.memory().numTensors - before - Object.keys(one).length;
  must(left <= 0, {
    what: `It leaves ${count(left, 'tensor')} behind besides the parameters.`,
    where: 'init()',
    fix: 'Compute initial values inside tf.tidy.',
  });
  const two = make();
  const other = Object.entries(one).filter(([, { dtype }]) => dtype !== 'float32');
  must(other.length === 0, () => ({
    what: `The parameter ${other.map(([name, { dtype }]) => `${name} is ${dtype}`).join(', ')}.`,
    where: 'init()',
    fix: 'Parameters are float32: optimizers and checkpoints keep no others.',
  }));
  const infinite = Object.keys(one).filter((name) => !isFiniteTensor(one[name]!));
  must(infinite.length === 0, {
    what: `The parameter ${infinite.join(', ')} is not finite.`,
    where: 'init()',
    fix: 'Check its initialisation.',
  });
  const shared = Object.keys(one).filter((name) => one[name]!.id === two[name]?.id);
  must(shared.length === 0, {
    what: `Two calls share the tensor ${shared.join(', ')}.`,
    where: 'init()',
    fix: 'Make fresh tensors: the caller owns them, and changes them in place.',
  });
  must(Object.keys(one).join() === Object.keys(two).join(), {
    what: `Its parameters are ${Object.keys(one).join(', ')}, then ${Object.keys(two).join(', ')}.`,
    where: 'init()',
    fix: 'Give the same names in the same order: checkpoints know parameters by name.',
  });
  const differs = Object.keys(one).filter((name) => dataDistance(one[name]!.dataSync(), two[name]!.dataSync()) > 0);
  must(differs.length === 0, {
    what: `Drawn twice from the same rng, the parameter ${differs.join(', ')} differs.`,
    where: 'init()',
    fix: 'Draw from the rng that init() is given, and from nothing else.',
  });
  tf.dispose([one, two]);
}
