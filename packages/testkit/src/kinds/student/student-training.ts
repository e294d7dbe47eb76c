// What a student promises to who trains it (plugin-api, Student). B batch, C channels, H height, W width.
import type { StudentInput } from '@hastejs/plugin-api';
import { type Params, type Tensor4D, disposeParams, tf, valueAndGrads } from '@hastejs/tensor';
import type { Bench } from '../../bench/bench.js';
import { must } from '../../contract/contract-fault.js';
import { gradientCheck } from '../../measure/gradient-check.js';
import { journalOf } from '../../measure/journal.js';
import { expectNoLeaks } from '../../measure/leaks.js';
import { noteGiven } from '../../measure/untouched.js';
import { mustRepeat } from '../../measure/must-repeat.js';
import { tensorsOf } from '../teacher/encoding.js';
import { someTaps } from '../teacher/taps.js';
import { type StudentBench, disposeInput, openStudent, outputLoss, trainableOf, withStudent } from './student-bench.js';

type Subject = Bench<'student'>;
const WHERE = 'forward()';

export const studentTraining = {
  'has the gradient of its values, for every parameter': async (bench: Subject) => {
    await withStudent(bench, ({ student, input }, params) => {
      const given = input();
      const f = (some: Params) => outputLoss(student, { ...params, ...some }, given);
      gradientCheck(f, trainableOf(student, params), { directions: 1 });
    });
  },
  'uses every parameter that it trains': async (bench: Subject) => {
    await withStudent(bench, ({ student, input }, params) => {
      const given = input();
      const trainable = trainableOf(student, params);
      const { grads } = valueAndGrads(() => ({ loss: outputLoss(student, params, given) }), trainable);
      const idle = Object.keys(trainable).filter((name) => !grads[name]);
      must(idle.length === 0, {
        what: `Nothing depends on its parameter ${idle.join(', ')}.`,
        where: WHERE,
        fix: 'Leave it out of init(), or name it in `frozen`.',
      });
    });
  },
  'leaves alone what it is given': async (bench: Subject) => {
    await withStudent(bench, ({ student, input }, params) => {
      const given = input();
      const mustBeUntouched = noteGiven({ ...params, ...given } as Params);
      tf.tidy(() => student.forward(params, given, someTaps(student.spec, false)).velocity_BCHW);
      mustBeUntouched(WHERE);
    });
  },
  'leaves no tensors behind': async (bench: Subject) => {
    const opened = await openStudent(bench);
    const [params, given] = [opened.trained(), opened.input()];
    const { student } = opened;
    tf.dispose(pass(opened, params, given)); // tables that are made on the first call may stay
    await expectNoLeaks(() => pass(opened, params, given));
    await expectNoLeaks(() => {
      const wrong = { ...given, x_BCHW: tf.zeros([2, 7, 3, 5]) as Tensor4D };
      try {
        return tf.tidy(() => tensorsOf(student.forward(params, wrong, someTaps(student.spec, false)).taps));
      } catch {
        return []; // that it throws is right; what it leaves is looked at
      } finally {
        wrong.x_BCHW.dispose();
      }
    });
    tf.dispose(params);
    disposeInput(given);
  },
  'is as repeatable as it says': async (bench: Subject) => {
    const opened = await openStudent(bench);
    if (!opened.student.repeatable) return;
    const params = opened.trained();
    const warm = opened.input();
    tf.dispose(pass(opened, params, warm));
    const journals = ['first', 'second'].map((seed) => {
      const given = opened.input(2, seed);
      const { result, journal } = journalOf(() => pass(opened, params, given));
      tf.dispose(result);
      disposeInput(given);
      return journal;
    });
    mustRepeat(journals[0]!, journals[1]!, WHERE);
    disposeParams(params);
    disposeInput(warm);
  },
};

/** Forward and backward, as a step takes them. */
function pass({ student }: StudentBench, params: Params, given: StudentInput) {
  const lossOf = () => ({ loss: outputLoss(student, params, given) });
  const { loss, grads } = valueAndGrads(lossOf, trainableOf(student, params));
  return [loss, ...Object.values(grads)];
}
