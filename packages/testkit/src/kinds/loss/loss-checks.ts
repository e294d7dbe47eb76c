// What an alignment loss promises (plugin-api, AlignmentLoss). B batch, T tokens, D width.
import { type Params, type Tensor3D, disposeParams, tf, valueAndGrads } from '@hastejs/tensor';
import type { Bench } from '../../bench/bench.js';
import { must } from '../../contract/contract-fault.js';
import { gradientCheck } from '../../measure/gradient-check.js';
import { journalOf } from '../../measure/journal.js';
import { expectNoLeaks } from '../../measure/leaks.js';
import { noteGiven } from '../../measure/untouched.js';
import { mustRepeat } from '../../measure/must-repeat.js';
import { formatShape, isFiniteTensor, sameShape } from '../../measure/tensors.js';
import { mustBeginAlike } from '../owned-parameters.js';
import { B, type LossBench, guideFrom, ofStudent, openLoss } from './loss-bench.js';

const WHERE = 'loss()';

export const lossChecks = {
  'starts with parameters of its own, float32 and always the same': async (bench: Bench<'alignmentLoss'>) => {
    const { params } = await openLoss(bench);
    mustBeginAlike(() => params());
  },
  'is a finite float32 scalar': async (bench: Bench<'alignmentLoss'>) => {
    const { params, inputs, of } = await openLoss(bench);
    const own = params();
    tf.tidy(() => {
      for (const rows of [B, 1]) {
        const value = of(inputs(rows), own);
        must(value?.rank === 0 && value.dtype === 'float32', {
          what: `It gave ${value?.dtype} of shape ${formatShape(value?.shape ?? [])} for a batch of ${rows}.`,
          where: WHERE,
          fix: 'Give one number for the batch: the mean over its samples (tf.mean).',
        });
        must(isFiniteTensor(value), {
          what: `It is ${value.dataSync()[0]} for normal inputs and a batch of ${rows}.`,
          where: WHERE,
          fix: 'Guard logarithms, roots and divisions of zero.',
        });
      }
    });
    disposeParams(own);
  },
  "has the gradient of its values, for the student's tokens and its own parameters": async (
    bench: Bench<'alignmentLoss'>,
  ) => {
    const { params, inputs, of } = await openLoss(bench);
    const [given, own] = [inputs(), params()];
    const prefixed = Object.fromEntries(Object.entries(own).map(([name, x]) => [`the parameter ${name}`, x]));
    const f = (x: Params) =>
      of({ ...given, ...x }, Object.fromEntries(Object.keys(own).map((name) => [name, x[`the parameter ${name}`]!])));
    gradientCheck(f, { ...ofStudent(given), ...prefixed });
    tf.dispose([given, own]);
  },
  'uses every parameter that it owns, and the student': async (bench: Bench<'alignmentLoss'>) => {
    const { params, inputs, of } = await openLoss(bench);
    const [given, own] = [inputs(), params()];
    const student = ofStudent(given);
    const { loss, grads } = valueAndGrads(() => ({ loss: of(given, own) }), { ...student, ...own });
    const idle = Object.keys(own).filter((name) => !grads[name]);
    must(idle.length === 0, {
      what: `It does not depend on its parameter ${idle.join(', ')}.`,
      where: WHERE,
      fix: 'Leave out of init() what loss() does not use: it would be kept, saved and never trained.',
    });
    const reached = Object.keys(student).some((name) => grads[name]?.dataSync().some((x) => x !== 0));
    must(reached, {
      what: "No gradient reaches the student's input.",
      where: WHERE,
      fix: 'Compute from the student’s tensors by TensorFlow.js ops, without dataSync() or tf.clone of values.',
    });
    tf.dispose([loss, ...Object.values(grads), given, own]);
  },
  'is a mean over samples, or says that it is none': async (bench: Bench<'alignmentLoss'>) => {
    const { loss, params, inputs, of } = await openLoss(bench);
    const own = params();
    tf.tidy(() => {
      const all = inputs(4);
      const part = (from: number): Params =>
        Object.fromEntries(Object.entries(all).map(([name, x]) => [name, tf.slice(x, from, 2)]));
      const whole = of(all, own).dataSync()[0]!;
      const mean = (of(part(0), own).dataSync()[0]! + of(part(2), own).dataSync()[0]!) / 2;
      const isMean = Math.abs(whole - mean) <= 1e-4 * Math.max(1e-2, Math.abs(whole));
      const numbers = `The loss of four samples is ${whole.toPrecision(6)}, and the mean over its halves is ${mean.toPrecision(6)}`;
      must(isMean || loss.couplesSamples === true, {
        what: `${numbers}.`,
        where: WHERE,
        fix: 'Divide by the number of samples, and let no sample see another; where it compares samples by design, state couplesSamples: true.',
      });
      must(!isMean || loss.couplesSamples !== true, {
        what: `${numbers}, though it states couplesSamples.`,
        where: 'couplesSamples',
        fix: 'Leave it out: weights over diffusion time are refused for a loss that states it.',
      });
    });
    disposeParams(own);
  },
  'tells the loss of each token, of which it is the mean': async (bench: Bench<'alignmentLoss'>) => {
    const { loss, params, inputs, of } = await openLoss(bench);
    if (loss.reads !== 'tokens' || !loss.perToken) return;
    const own = params();
    tf.tidy(() => {
      const given = inputs();
      const [student_BTD, teacher_BTD] = [given['student'] as Tensor3D, given['teacher'] as Tensor3D];
      const each = loss.perToken!(student_BTD, teacher_BTD, own, guideFrom(given));
      const wanted = student_BTD.shape.slice(0, 2);
      must(sameShape(each.shape, wanted), {
        what: `For ${formatShape(wanted)} tokens it gave losses of shape ${formatShape(each.shape)}.`,
        where: 'perToken()',
        fix: 'Give one loss a token, [B, T].',
      });
      const [mean, whole] = [tf.mean(each).dataSync()[0]!, of(given, own).dataSync()[0]!];
      must(Math.abs(mean - whole) <= 1e-4 * Math.max(1e-2, Math.abs(whole)), {
        what: `The mean over tokens is ${mean.toPrecision(6)}, and the loss is ${whole.toPrecision(6)}.`,
        where: 'perToken()',
        fix: 'Let loss() be the mean of perToken(), or leave perToken() out.',
      });
    });
    disposeParams(own);
  },
  'gives the same value to the same inputs, and leaves them alone': async (bench: Bench<'alignmentLoss'>) => {
    const { params, inputs, of } = await openLoss(bench);
    const [given, own] = [inputs(), params()];
    const mustBeUntouched = noteGiven({ ...given, ...own });
    const value = () => tf.tidy(() => [of(given, own).dataSync()[0]!] as never)[0]! as number;
    const one = value();
    mustBeUntouched(WHERE);
    const two = value();
    must(Object.is(one, two), {
      what: `It is ${one}, then ${two}, for the same inputs.`,
      where: WHERE,
      fix: 'Draw no random numbers and keep no state: a resumed run must compute what the first one did.',
    });
    tf.dispose([given, own]);
  },
  'leaves no tensors behind': async (bench: Bench<'alignmentLoss'>) => {
    const opened = await openLoss(bench);
    const [given, own] = [opened.inputs(), opened.params()];
    await expectNoLeaks(() => step(opened, given, own)); // what is made on the first call counts too: a loss owns nothing
    await expectNoLeaks(() => {
      const wrong = Object.fromEntries(Object.keys(given).map((name) => [name, tf.zeros([1, 2, 3, 5])]));
      try {
        return step(opened, wrong, own);
      } catch {
        return []; // that it throws is right; what it leaves is looked at
      } finally {
        tf.dispose(wrong);
      }
    });
    tf.dispose([given, own]);
  },
  'is as repeatable as it says': async (bench: Bench<'alignmentLoss'>) => {
    const opened = await openLoss(bench);
    if (!opened.loss.repeatable) return;
    const own = opened.params();
    const journals = ['first', 'second'].map((seed) => {
      const given = opened.inputs(B, seed);
      const { result, journal } = journalOf(() => step(opened, given, own));
      tf.dispose([result, given]);
      return journal;
    });
    mustRepeat(journals[0]!, journals[1]!, WHERE);
    disposeParams(own);
  },
  'projects and targets in one shape, for metrics that compare them': async (bench: Bench<'alignmentLoss'>) => {
    const { loss, params, inputs, specs } = await openLoss(bench);
    if (loss.reads !== 'tokens' || !loss.project) return;
    const own = params();
    tf.tidy(() => {
      const given = inputs();
      const { shape } = loss.project!(given['student'] as Tensor3D, own);
      const target = loss.target?.(given['teacher'] as Tensor3D).shape ?? given['teacher']!.shape;
      must(sameShape(shape, target), {
        what: `It projects to ${formatShape(shape)} and holds that against ${formatShape(target)}; the teacher is ${specs.teacher.width} wide.`,
        where: 'project()',
        fix: 'Give what loss() holds against the teacher, [B, T, Dₜ]; null where it holds no token against a token.',
      });
    });
    disposeParams(own);
  },
};

/** The loss with its gradients, as a training step takes them. */
function step({ of }: LossBench, inputs: Params, own: Params) {
  const { loss, grads } = valueAndGrads(() => ({ loss: of(inputs, own) }), { ...ofStudent(inputs), ...own });
  return [loss, ...Object.values(grads)];
}
