// What shows in a run of the real trainer only.
import { adamw } from '@hastejs/trainer';
import {
  type Optimizer,
  Services,
  type TeacherEncoder,
  defineLogger,
  defineOptimizer,
  defineTeacher,
  defineTrigger,
} from '@hastejs/plugin-api';
import { StepClock, tf } from '@hastejs/tensor';
import { fakeTeacher, loggerContract, optimizerContract, teacherContract, triggerContract } from '@hastejs/testkit';
import { z } from 'zod';
import { type RunCheck, expectCaught } from './expect-caught.js';

const declared = { summary: 'Broken on purpose.', options: z.strictObject({}) };
let calls = 0;

const forgetful = defineOptimizer({
  ...declared,
  id: 'broken/forgetful',
  create: async (): Promise<Optimizer> => {
    const good = await adamw.create(adamw.options.parse({}), {});
    let steps = 0;
    return {
      init: (params) => good.init(params),
      update: (update) => {
        const own = new StepClock(steps++);
        const next = good.update({ ...update, clock: own });
        own.dispose();
        return next;
      },
    };
  },
});
const explosive = defineTeacher({
  ...declared,
  id: 'broken/explosive',
  inject: { student: Services.student, data: Services.data },
  create: async (_options, services): Promise<TeacherEncoder> => {
    const good = await fakeTeacher.create({ blocks: 3, heads: 2 }, services);
    return {
      ...good,
      encode: (images_BCHW, taps) => {
        const { tokens, attention } = good.encode(images_BCHW, taps);
        const factor = images_BCHW.shape[0] === 4 && calls++ > 0 ? NaN : 1;
        return { tokens: new Map([...tokens].map(([site, x]) => [site, tf.mul(x, factor)])), attention };
      },
    };
  },
});
const loud = defineLogger({
  ...declared,
  id: 'broken/loud',
  inject: { notices: Services.notices },
  create: (_options, { notices }) => ({
    scalars: () => notices.warn('The dashboard is slow.'),
    close: () => undefined,
  }),
});
const misled = defineTrigger({
  ...declared,
  id: 'broken/misled',
  create: () => ({ watches: ['align/fature'], init: () => 0, decide: (state) => ({ state }) }),
});

const TABLE: Readonly<Record<RunCheck, [Parameters<typeof expectCaught>[0][string][number][0], string | RegExp][]>> = {
  'does its part in a run, which goes on from a cut bit for bit': [
    [optimizerContract(forgetful), /^Cut after step 2 and resumed, step \d is \{.*\}, and \{.*\} without a cut\.$/], // prettier-ignore
    [teacherContract(explosive), 'It failed: align/feature became NaN in step 2. (step 2)'],
    [loggerContract(loud), 'A run warned: The dashboard is slow.'],
    [
      triggerContract(misled),
      /^It failed: The trigger watches align\/fature, which this run does not measure\. \(alignment\.until\)$/,
    ],
  ],
};

describe('what is broken in a run is caught', () => expectCaught(TABLE));
