// What an optimizer promises (plugin-api, Optimizer).
import { disposeParams, tf } from '@hastejs/tensor';
import type { Bench } from '../../bench/bench.js';
import { must } from '../../contract/contract-fault.js';
import { journalOf } from '../../measure/journal.js';
import { mustRepeat } from '../../measure/must-repeat.js';
import { dataDistance, formatShape, sameShape } from '../../measure/tensors.js';
import { count } from '../../measure/words.js';
import { InputClock, SHAPES, begin, copy, freeHeld, gradientsOf, step, update, without } from './optimizer-bench.js';

type Subject = Bench<'optimizer'>;
const WHERE = 'update()';
export const optimizerChecks = {
  'keeps its state by the names of the parameters': async (bench: Subject) => {
    const optimizer = await bench.create();
    const held = begin(optimizer);
    for (const when of ['init()', WHERE]) {
      const now = when === WHERE ? step(optimizer, held, 0) : held;
      for (const [slot, tensors] of Object.entries(now.state)) {
        const names = Object.keys(tensors).sort().join(', ');
        must(names === Object.keys(SHAPES).sort().join(', '), {
          what: `Its slot ${slot} has ${names || 'nothing'}; the parameters are ${Object.keys(SHAPES).join(', ')}.`,
          where: when,
          fix: 'Each slot holds one tensor a parameter, under its name: that is how phase I retires, and how checkpoints are read.',
        });
      }
      if (when === WHERE) freeHeld(now);
    }
  },
  'gives back the parameters, in their shapes': async (bench: Subject) => {
    const optimizer = await bench.create();
    const next = step(optimizer, begin(optimizer), 0);
    must(Object.keys(next.params).sort().join() === Object.keys(SHAPES).sort().join(), {
      what: `Of ${Object.keys(SHAPES).join(', ')} it gave back ${Object.keys(next.params).join(', ')}.`,
      where: WHERE,
      fix: 'Return every parameter, those without a gradient too.',
    });
    for (const [name, shape] of Object.entries(SHAPES)) {
      const x = next.params[name]!;
      must(sameShape(x.shape, shape) && x.dtype === 'float32', {
        what: `${name} is ${x.dtype} ${formatShape(x.shape)}, and was float32 ${formatShape(shape)}.`,
        where: WHERE,
        fix: 'Broadcasting changes shapes: check the order of operands.',
      });
    }
    freeHeld(next);
  },
  'lowers a loss': async (bench: Subject) => {
    const optimizer = await bench.create();
    let held = begin(optimizer);
    const loss = () =>
      tf.tidy(
        () => [Object.values(held.params).reduce((sum, x) => sum + tf.sum(tf.square(x)).dataSync()[0]!, 0)] as never,
      )[0]! as number;
    const first = loss();
    for (let i = 0; i < 30; i++) held = step(optimizer, held, i);
    const last = loss();
    freeHeld(held);
    must(last < first, {
      what: `After 30 steps on Σx² the loss went from ${first.toPrecision(5)} to ${last.toPrecision(5)}.`,
      where: WHERE,
      fix: 'Go against the gradient; give the case a learning rate at which a quadratic converges.',
    });
  },
  'leaves alone what has no gradient': async (bench: Subject) => {
    const optimizer = await bench.create();
    const held = begin(optimizer);
    const before = held.params['block.weight']!.dataSync().slice();
    const next = step(optimizer, held, 0, ({ 'block.weight': _none, ...rest }) => rest);
    const { 'block.weight': kept } = next.params;
    must(kept !== undefined && dataDistance(kept.dataSync(), before) === 0, {
      what: 'A parameter without a gradient changed.',
      where: WHERE,
      fix: 'Leave it as it is, weight decay included: a projector that no term uses must not shrink.',
    });
    freeHeld(next);
  },
  'goes on without parameters that have retired': async (bench: Subject) => {
    const optimizer = await bench.create();
    const { params, state } = step(optimizer, begin(optimizer), 0);
    params['scale']!.dispose();
    for (const slot of Object.values(state)) slot['scale']?.dispose();
    const left = {
      params: without(params),
      state: Object.fromEntries(Object.entries(state).map(([slot, tensors]) => [slot, without(tensors)])),
    };
    const next = step(optimizer, left, 1);
    must(!('scale' in next.params), {
      what: 'A parameter that had retired came back.',
      where: WHERE,
      fix: 'Work on the parameters and slots that update() is given, and keep no list.',
    });
    freeHeld(next);
  },
  'goes on from a saved state, bit for bit': async (bench: Subject) => {
    const [optimizer, other] = [await bench.create(), await bench.create()];
    let held = begin(optimizer);
    for (let i = 0; i < 3; i++) held = step(optimizer, held, i);
    const saved = {
      params: copy(held.params),
      state: Object.fromEntries(Object.entries(held.state).map(([slot, x]) => [slot, copy(x)])),
    };
    const [live, resumed] = [step(optimizer, held, 3), step(other, saved, 3)];
    const differs = Object.keys(SHAPES).filter(
      (name) => dataDistance(live.params[name]!.dataSync(), resumed.params[name]!.dataSync()) > 0,
    );
    must(differs.length === 0, {
      what: `Created anew and given the saved state, it takes another step for ${differs.join(', ')}.`,
      where: WHERE,
      fix: 'Keep everything in the state, or derive it from clock.step: nothing in the object.',
    });
    freeHeld(live);
    freeHeld(resumed);
  },
  'takes what it is given, and leaves the gradients': async (bench: Subject) => {
    const optimizer = await bench.create();
    let held = step(optimizer, begin(optimizer), 0);
    const before = tf.memory().numTensors;
    const grads = gradientsOf(held.params);
    held = update(optimizer, held, grads, 1);
    const gone = Object.keys(grads).filter((name) => grads[name]!.isDisposed);
    must(gone.length === 0, {
      what: `It disposes of the gradient of ${gone.join(', ')}.`,
      where: WHERE,
      fix: 'Gradients are not consumed: whoever took them frees them.',
    });
    disposeParams(grads);
    const more = tf.memory().numTensors - before;
    must(more === 0, {
      what: `A step leaves ${count(Math.abs(more), 'tensor')} ${more > 0 ? 'more' : 'fewer'} than there were.`,
      where: WHERE,
      fix: 'Parameters and state are consumed: dispose of the old ones, or write in place; compute in tf.tidy.',
    });
    freeHeld(held);
  },
  'is as repeatable as it says': async (bench: Subject) => {
    const optimizer = await bench.create();
    if (!optimizer.repeatable) return;
    let held = step(optimizer, begin(optimizer), 0);
    const journals = [1, 2].map((index) => {
      const grads = gradientsOf(held.params);
      const clock = new InputClock(index);
      const { result, journal } = journalOf(() => optimizer.update({ ...held, grads, clock }));
      held = result;
      clock.dispose();
      disposeParams(grads);
      must(!clock.wasRead, {
        what: 'It says that it is repeatable, and reads clock.step.',
        where: WHERE,
        fix: 'Numbers that depend on the step come from clock.scalar((step) => …), which is made anew when a step is repeated.',
      });
      return journal;
    });
    mustRepeat(journals[0]!, journals[1]!, WHERE);
    freeHeld(held);
  },
};
