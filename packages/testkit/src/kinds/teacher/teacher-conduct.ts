// What a teacher promises besides its answers (plugin-api, TeacherEncoder). B batch, C channels, H height, W width.
import { gridTokens } from '@hastejs/plugin-api';
import { tf } from '@hastejs/tensor';
import type { Bench } from '../../bench/bench.js';
import { must } from '../../contract/contract-fault.js';
import { expectNoLeaks } from '../../measure/leaks.js';
import { journalOf } from '../../measure/journal.js';
import { noteGiven } from '../../measure/untouched.js';
import { mustRepeat } from '../../measure/must-repeat.js';
import { count } from '../../measure/words.js';
import { openEncoding, tensorsOf } from './encoding.js';
import { someTaps } from './taps.js';

const WHERE = 'encode()';

export const teacherConduct = {
  'leaves alone what it is given': async (bench: Bench<'teacher'>) => {
    const { teacher, encodeNow, images } = await openEncoding(bench);
    if (teacher.needs === 'items') return;
    const images_BCHW = images([0, 1]);
    const mustBeUntouched = noteGiven({ 'the images': images_BCHW });
    const values = encodeNow(images_BCHW, someTaps(teacher.spec, true));
    mustBeUntouched(WHERE);
    tf.dispose([images_BCHW, ...tensorsOf(values)]);
  },
  'holds nothing that a gradient can train': async (bench: Bench<'teacher'>) => {
    const known = trainable();
    const { teacher, encode } = await openEncoding(bench);
    const values = await encode([0, 1], someTaps(teacher.spec, true));
    const own = [...trainable()].filter((name) => !known.has(name));
    must(own.length === 0, {
      what: `It holds ${count(own.length, 'trainable variable')} (${own.slice(0, 3).join(', ')}${own.length > 3 ? ', …' : ''}): an optimizer that is given no list of variables trains the teacher.`,
      where: 'create()',
      fix: 'A teacher is frozen: keep weights as tensors (tf.keep(tf.tensor(…))), or as tf.variable(…, false).',
    });
    tf.dispose(tensorsOf(values));
  },
  'leaves no tensors behind': async (bench: Bench<'teacher'>) => {
    await expectNoLeaks(async () => {
      const { teacher, encode } = await openEncoding(bench);
      const taps = someTaps(teacher.spec, true);
      tf.dispose(tensorsOf(await encode([0], taps))); // what is made on the first call may stay
      await expectNoLeaks(async () => tensorsOf(await encode([0, 1], taps)));
      await bench.release(teacher);
    });
  },
  'leaves no tensors behind when it throws': async (bench: Bench<'teacher'>) => {
    const { teacher, encode, encodeNow } = await openEncoding(bench);
    const taps = someTaps(teacher.spec, true);
    tf.dispose(tensorsOf(await encode([0], taps)));
    if (teacher.needs) return;
    await expectNoLeaks(() => {
      const wrong_BCHW = tf.zeros([2, 5, 3, 2]);
      try {
        return tensorsOf(encodeNow(wrong_BCHW as never, taps));
      } catch {
        return []; // that it throws is right; what it leaves is looked at
      } finally {
        wrong_BCHW.dispose();
      }
    });
  },
  'can be disposed of twice': async (bench: Bench<'teacher'>) => {
    const teacher = await bench.create();
    teacher.dispose();
    try {
      teacher.dispose();
    } catch (error) {
      must(false, {
        what: `The second dispose() threw: ${(error as Error).message}`,
        where: 'dispose()',
        fix: 'Remember that it was disposed of, and do nothing.',
      });
    }
  },
  'is as repeatable as it says': async (bench: Bench<'teacher'>) => {
    const { teacher, encode, encodeNow, images } = await openEncoding(bench);
    if (!teacher.repeatable || teacher.needs === 'items') return;
    const taps = someTaps(teacher.spec, true);
    tf.dispose(tensorsOf(await encode([0, 1], taps)));
    const journals = [
      [0, 1],
      [2, 3],
    ].map((indices, step) => {
      const images_BCHW = images(indices);
      const { result, journal } = journalOf(() => encodeNow(images_BCHW, taps, { step: step + 3 }));
      tf.dispose([images_BCHW, ...tensorsOf(result)]);
      return journal;
    });
    mustRepeat(journals[0]!, journals[1]!, WHERE);
  },
  'tells its weights apart, always alike': async ({ extension, run, ref }: Bench<'teacher'>) => {
    if (!extension.fingerprint) return;
    const [one, two] = [await run.identify(ref()), await run.identify(ref())];
    must(typeof one.contents === 'string' && one.contents !== '' && one.contents === two.contents, {
      what: `fingerprint() says ${JSON.stringify(one.contents)}, then ${JSON.stringify(two.contents)}.`,
      where: 'fingerprint()',
      fix: 'Give the same text as long as the answers are the same, such as contentFingerprint(path): a cache is found by it.',
    });
  },
  'can fetch what it needs': async (bench: Bench<'teacher'>) => {
    const teacher = await bench.create();
    must(teacher.needs !== 'items' || typeof teacher.fetch === 'function', {
      what: "It needs 'items' and has no fetch().",
      where: 'needs',
      fix: 'Read what is kept of data items in fetch(items, taps), into host memory; encode() gets it as context.fetched.',
    });
    must(gridTokens(teacher.spec.grid) > 0, {
      what: 'Its grid is empty.',
      where: 'spec',
      fix: 'Declare the grid of patch tokens.',
    });
  },
};

function trainable(): Set<string> {
  const variables = Object.values(tf.engine().registeredVariables);
  return new Set(variables.filter((variable) => variable.trainable).map(({ name }) => name));
}
